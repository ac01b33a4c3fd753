import { describe, expect, test } from 'vitest'
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

const part = (...paragraphs: number[]): string =>
  paragraphs.map((paragraph) => `#1 #2 (paragraph ${paragraph} of 3)`).join(' ')

test.each<[string, string[], object]>([
  [
    'nothing wrong',
    [part(1), part(2, 3)],
    { lost: ['a #3', 'b #4'], disordered: [], repeated: 0, laterParts: 1 },
  ],
  ['a lost end', [part(1), part(2)], { lost: ['a #1', 'a #2', 'a #3', 'b #4'], disordered: [] }],
  ['a lost middle', [part(1), part(3)], { disordered: ['a #1 paragraph 3', 'a #2 paragraph 3'] }],
  ['exchanged parts', [part(1), part(3), part(2)], { disordered: ['a #1 paragraph 3', 'a #2 paragraph 3'] }],
  ['a part that came twice', [part(1), part(2), part(2), part(3)], { repeated: 1 }],
])('of an answer in parts it sees %s', (_, texts, found) => {
  const heard = texts.map((text): [string, string] => ['a', text])
  expect(witnessOf(...heard).witness.report()).toMatchObject(found)
})

describe('a reply that comes again', () => {
  /** A break at 0: #1 came at one time and, with others in between, again at another. */
  function again(first: number, second: number, options: { between?: string; exactly?: boolean } = {}) {
    const { witness, clock } = witnessOf()
    const broken = clock.ms
    witness.broke()()
    witness.heard('a', '#1', { at: broken + first })
    if (options.between) witness.heard('a', options.between, { at: broken + second })
    witness.heard('a', '#1', { at: broken + second, exactly: options.exactly ?? false })
    return { witness, broken }
  }

  test('is explained when it was under way at a break, once a chat', () => {
    const { witness, broken } = again(-300, 4000)
    witness.heard('b', '#4', { at: broken - 100 })
    witness.heard('b', '#4', { at: broken + 4000 })
    expect(witness.report()).toMatchObject({ repeated: 2, unexplained: [], agesMs: [100, 300] })
    witness.heard('a', '#1', { at: broken + 5000 })
    expect(witness.report().unexplained).toHaveLength(1)
  })

  test.each<[string, ...Parameters<typeof again>]>([
    ['both copies came before it', -300, -200],
    ['both came after it', 300, 1200],
    ['one came just after the other', -1, 1],
    ['it had come long before', -1100, 4000],
    ['another had come since, so that it was recorded', -300, 4000, { between: '#3' }],
    ['it comes exactly once', -300, 4000, { exactly: true }],
  ])('is not when %s', (_, ...when) => {
    expect(again(...when).witness.report()).toMatchObject({ repeated: 1, unexplained: [expect.any(String)] })
  })

  test('is not when the answer has become another', () => {
    const { witness, broken } = again(-300, 4000)
    witness.heard('a', '#1 #2', { at: broken + 4500 })
    expect(witness.report().unexplained).toHaveLength(1)
  })

  test('is while what broke is away, however long that lasts', () => {
    const { witness, clock } = witnessOf()
    const mended = witness.broke()
    witness.heard('a', '#1', { at: clock.ms + 20_000 })
    clock.ms += 30_000
    mended()
    witness.heard('a', '#1')
    expect(witness.report()).toMatchObject({ repeated: 1, unexplained: [] })
  })
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
