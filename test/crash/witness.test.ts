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
    { disordered: ['a #1 begun after #2'] },
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

const partOf = (numbers: string, ...paragraphs: number[]): string =>
  paragraphs.map((paragraph) => `${numbers} (paragraph ${paragraph} of 3)`).join(' ')
const part = (...paragraphs: number[]): string => partOf('#1 #2', ...paragraphs)

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

  /** A process was killed at 0, and something else may have broken; what is said of a #1 that came then and again. */
  function afterKill(
    first: number,
    options: { brokeAt?: number; isSlow?: boolean; recordMs?: number } = {},
  ): string[] {
    const { brokeAt, isSlow = false, recordMs = 10 } = options
    const { witness, clock } = witnessOf()
    const killed = clock.ms
    for (const paragraph of [1, 2, 3])
      witness.heard('b', partOf('#4', paragraph), { at: killed - 20_000 + paragraph * recordMs })
    if (brokeAt !== undefined) {
      clock.ms = killed + brokeAt
      witness.broke({ isSlow })()
      clock.ms = killed
    }
    witness.broke({ isProcess: true })()
    witness.heard('a', '#1', { at: killed + first })
    witness.heard('a', '#1', { at: killed + 4000 })
    return witness.report().unexplained
  }

  test.each<[string, ...Parameters<typeof afterKill>, number]>([
    ['a moment before', -350, {}, 0],
    ['longer before', -450, {}, 1],
    ['longer before, where recording takes longer', -700, { recordMs: 250 }, 0],
    ['longer before than recording takes', -800, { recordMs: 250 }, 1],
    ['soon after something else broke', -900, { brokeAt: -2800 }, 0],
    ['long after something else broke', -900, { brokeAt: -3000 }, 1],
    ['soon after something was slow', -900, { brokeAt: -2800, isSlow: true }, 0],
  ])('at a mere kill, having come %s', (_, first, options, unexplained) => {
    expect(afterKill(first, options)).toHaveLength(unexplained)
  })

  test('is not when the database had shown it as sent before it broke', () => {
    const { witness, clock } = witnessOf()
    witness.heard('a', '#1', { at: clock.ms - 100, id: 7 })
    witness.heard('b', '#4', { at: clock.ms - 100, id: 8 })
    witness.shown([7])
    witness.broke()()
    witness.heard('a', '#1', { at: clock.ms + 4000, id: 9 })
    witness.heard('b', '#4', { at: clock.ms + 4000, id: 10 })
    witness.heard('a', '#2', { at: clock.ms + 5000, id: 11 })
    witness.shown([11])
    witness.broke()()
    clock.ms += 5000
    witness.broke({ isProcess: true })()
    witness.heard('a', '#2', { at: clock.ms + 4000, id: 12 })
    expect(witness.report().unexplained).toEqual([
      expect.stringContaining('#1'),
      expect.stringContaining('#2'),
    ])
  })

  test('where the database tells after a kill what it had recorded, is for the rest, however long that took', () => {
    const { witness, clock } = witnessOf()
    witness.heard('a', '#1', { at: clock.ms - 800, id: 7 })
    witness.heard('b', '#4', { at: clock.ms - 800, id: 8 })
    witness.broke({ isProcess: true, isShown: true })()
    witness.shown([7])
    witness.heard('a', '#1', { at: clock.ms + 4000, id: 9 })
    witness.heard('b', '#4', { at: clock.ms + 4000, id: 10 })
    expect(witness.report().unexplained).toEqual([expect.stringContaining('#1')])
  })

  test('is not when something was only slow', () => {
    const { witness, clock } = witnessOf()
    witness.broke({ isSlow: true })
    witness.heard('a', '#1', { at: clock.ms + 100 })
    witness.heard('a', '#1', { at: clock.ms + 4000 })
    expect(witness.report()).toMatchObject({ repeated: 1, unexplained: [expect.any(String)] })
  })

  test('is when it had come as long before a kill as something was slow', () => {
    const { witness, clock } = witnessOf()
    const sped = witness.broke({ isSlow: true })
    witness.heard('a', '#1')
    clock.ms += 2500
    sped()
    clock.ms += 900
    witness.broke({ isProcess: true })()
    witness.heard('a', '#1', { at: clock.ms + 4000 })
    expect(witness.report()).toMatchObject({ repeated: 1, unexplained: [] })
  })

  test('is by the break that is over first: a longer one is left for the next', () => {
    const { witness, clock } = witnessOf()
    const mended = witness.broke()
    clock.ms += 2000
    witness.heard('a', '#1')
    witness.broke({ isProcess: true })()
    clock.ms += 2000
    witness.heard('a', '#1')
    witness.heard('a', '#2')
    clock.ms += 2000
    mended()
    witness.heard('a', '#2', { at: clock.ms + 1000 })
    expect(witness.report()).toMatchObject({ repeated: 2, unexplained: [] })
    witness.heard('a', '#2', { at: clock.ms + 2000 })
    expect(witness.report().unexplained).toEqual([expect.stringContaining('(explains another)')])
  })

  test('is not when it comes long after the break, unless something was away in between', () => {
    const { witness, clock } = witnessOf()
    const killed = clock.ms
    witness.broke({ isProcess: true })()
    const mended = [witness.broke(), witness.broke()]
    witness.heard('a', '#1', { at: killed - 100 })
    witness.heard('b', '#4', { at: killed - 100 })
    clock.ms += 10_000
    for (const mend of mended) mend()
    witness.heard('a', '#1', { at: killed + 39_000 })
    witness.heard('b', '#4', { at: killed + 41_000 })
    expect(witness.report().unexplained).toEqual([expect.stringContaining('#4')])
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

test.each<[string, string[], string[]]>([
  ['nothing wrong', [part(1), part(1), part(2, 3), partOf('#3', 1), partOf('#3', 2, 3)], []],
  ['one around the one before it', [partOf('#2', 1), '#1', partOf('#2', 2, 3)], ['a #1 begun after #2']],
  [
    'one around the one after it',
    [partOf('#1', 1), '#2', partOf('#1', 2, 3)],
    ['a #2 begun before the end of #1', 'a #2 ended before #1'],
  ],
  [
    'two that alternate',
    [partOf('#1', 1), partOf('#2', 1), partOf('#1', 2, 3), partOf('#2', 2, 3)],
    ['a #2 begun before the end of #1'],
  ],
  ['one of two that ends first', [part(1), partOf('#2', 2, 3), partOf('#1', 2, 3)], ['a #2 ended before #1']],
])('of answers in parts, one after the other, it sees %s', (_, texts, disordered) => {
  const heard = texts.map((text): [string, string] => ['a', text])
  expect(witnessOf(...heard).witness.report()).toMatchObject({ disordered })
})

test('a part in another chat is misdirected, and missing where it belongs', () => {
  const { witness } = witnessOf(['a', partOf('#1', 1)], ['b', partOf('#1', 2)], ['a', partOf('#1', 3)])
  const { misdirected, lost } = witness.report()
  expect(misdirected).toEqual(['b #1'])
  expect(lost).toContain('a #1')
})

test('it tells how long what had been asked waits', () => {
  const { witness, clock } = witnessOf(['a', '#1 #2'])
  witness.waits()
  clock.ms += 700
  witness.heard('a', '#3')
  expect(witness.report().recoveryMs).toEqual([])
  clock.ms += 100
  witness.heard('b', '#4')
  expect(witness.report().recoveryMs).toEqual([800])
})
