import { expect, test } from 'vitest'
import { createWitness } from './witness.ts'

/** A witness with a clock to set, who heard each of these in turn: a chat and what it was told. */
function witnessOf(...heard: [chat: string, text: string][]) {
  const clock = { ms: 100_000 }
  const witness = createWitness(() => clock.ms)
  for (const chat of ['a', 'a', 'a', 'b']) witness.ask(chat)
  for (const [chat, text] of heard) witness.heard(chat, text)
  return { witness, clock }
}

test('all answered once, in order: nothing to report', () => {
  const { witness } = witnessOf(['a', '#1 #2'], ['b', '#4'], ['a', '#3'])
  expect(witness.missing()).toBe(0)
  const empty = { lost: [], disordered: [], misdirected: [], evasive: [], repeated: 0 }
  expect(witness.report()).toMatchObject(empty)
})

test.each<[string, [string, string][], object]>([
  [
    'a question nobody answered',
    [
      ['a', '#1 #3'],
      ['b', '#4'],
    ],
    { lost: ['a #2'] },
  ],
  [
    'an answer before its turn',
    [
      ['a', '#2'],
      ['a', '#1'],
      ['a', '#3'],
    ],
    { disordered: ['a #1'] },
  ],
  [
    'an answer in another chat',
    [
      ['b', '#4'],
      ['b', '#1'],
    ],
    { misdirected: ['b #1'] },
  ],
  ['a reply to nothing', [['a', 'I have no answer']], { evasive: ['a I have no answer'] }],
  [
    'a reply that came twice',
    [
      ['a', '#1'],
      ['a', '#1'],
    ],
    { repeated: 1, unexplained: [expect.any(String)] },
  ],
  [
    'a question answered twice',
    [
      ['a', '#1'],
      ['a', '#1 #2'],
    ],
    { repeated: 1 },
  ],
])('it sees %s', (_, heard, found) => {
  expect(witnessOf(...heard).witness.report()).toMatchObject(found)
})

test('a break explains one copy in each chat, of what was sent just before, and none where nothing may repeat', () => {
  const { witness, clock } = witnessOf(['a', '#1'], ['b', '#4'])
  witness.broke()()
  clock.ms += 9000
  witness.heard('a', '#1')
  witness.heard('b', '#4', true)
  expect(witness.report()).toMatchObject({ repeated: 2, unexplained: [expect.stringContaining('b #4')] })
  witness.heard('a', '#1')
  expect(witness.report().unexplained).toHaveLength(2)
})

test('it tells how long what was asked before a kill waited', () => {
  const { witness, clock } = witnessOf(['a', '#1 #2'])
  witness.killed()
  clock.ms += 700
  witness.heard('a', '#3')
  expect(witness.report().recoveryMs).toEqual([])
  clock.ms += 100
  witness.heard('b', '#4')
  expect(witness.report().recoveryMs).toEqual([800])
})
