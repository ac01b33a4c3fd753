import { beforeEach, describe, expect, test } from 'vitest'
import type { Charge } from '../model/money.ts'
import { withBudget } from './budgeted.ts'
import type { Price } from './cost.ts'
import { type Llm, LlmError, type LlmPart, type LlmRequest, type LlmUsage } from './llm.ts'
import type { Purse } from './purse.ts'

/** One micro-dollar a token, so that a cost is a number of tokens. */
const price: Price = { input: 1_000_000, cachedInput: 100_000, output: 1_000_000 }
/** 10 bytes, one message, and the request; and the answer. */
const worst = 10 + 16 + 64 + 100
const usage: LlmUsage = { inputTokens: 12, outputTokens: 5, cachedInputTokens: 0 }

type Step = LlmPart | Error | (() => void)
const finish = (more: Partial<LlmUsage> = {}): LlmPart => ({
  type: 'finish',
  reason: 'stop',
  usage: { ...usage, ...more },
  model: 'a/b',
})
const text = (words: string): LlmPart => ({ type: 'text', text: words })

let steps: Step[] = []
let asked: LlmRequest[] = []
const model: Llm = {
  name: 'a/b',
  async *stream(request) {
    asked.push(request)
    for (const step of steps) {
      request.signal.throwIfAborted()
      if (step instanceof Error) throw step
      if (typeof step === 'function') step()
      else yield step
    }
  },
}

let reserved: number[] = []
let settled: Charge[] = []
let hasMoney = true
let now = 0
const purse: Purse = {
  async reserve({ microUsd }) {
    reserved.push(microUsd)
    now += 700
    return hasMoney ? `r${reserved.length}` : undefined
  },
  settle: (charge) => void settled.push(charge),
}

beforeEach(() => {
  steps = [text('Hi'), finish()]
  asked = []
  reserved = []
  settled = []
  hasMoney = true
})

const make = (): Llm => withBudget(model, { price, purse, clock: { now: () => now }, timeoutMs: 30_000 })

async function run(llm = make(), more: Partial<LlmRequest> = {}) {
  const request: LlmRequest = {
    system: '',
    messages: [{ role: 'user', text: '0123456789' }],
    maxOutputTokens: 100,
    signal: new AbortController().signal,
    ...more,
  }
  const parts: LlmPart[] = []
  try {
    for await (const part of llm.stream(request)) parts.push(part)
  } catch (error) {
    return { parts, error }
  }
  return { parts, error: undefined }
}

const costs = (): number[] => settled.map(({ costMicroUsd }) => costMicroUsd)

describe('a whole answer', () => {
  test('is reserved at its worst, settled at what it used, and tells its cost', async () => {
    const { parts } = await run()
    expect(reserved).toEqual([worst])
    expect(settled).toEqual([
      {
        id: 'r1',
        model: 'a/b',
        reservedMicroUsd: worst,
        costMicroUsd: 17,
        inputTokens: 12,
        outputTokens: 5,
      },
    ])
    expect(parts.at(-1)).toMatchObject({ type: 'finish', usage: { costMicroUsd: 17 } })
  })

  test('is handed to whoever wants to settle it, before it finishes', async () => {
    const taken: Charge[] = []
    await run(make(), { onCharge: (charge) => void taken.push(charge) })
    expect(taken).toMatchObject([{ id: 'r1', costMicroUsd: 17 }])
    expect(settled).toEqual([])
  })

  test('pays less for what came from the cache', async () => {
    steps = [text('Hi'), finish({ cachedInputTokens: 10 })]
    await run()
    expect(costs()).toEqual([2 + 1 + 5])
  })

  test.each<[string, Partial<LlmUsage>, number]>([
    ['no usage', { estimated: true }, worst],
    ['no output', { outputTokens: 0 }, 12 + 100],
    ['no input', { inputTokens: 0 }, 10 + 16 + 64 + 5],
    ['NaN', { inputTokens: Number.NaN, outputTokens: Number.NaN }, worst],
    ['less than nothing', { inputTokens: -1e9, outputTokens: -5 }, worst],
    ['a million millions', { outputTokens: 1e12 }, worst],
  ])('with a report of %s counts as much as it can have been', async (_, report, cost) => {
    steps = [text('Hi'), finish(report)]
    await run()
    expect(costs()).toEqual([cost])
  })

  test('over its limit counts in full, and for a day more is reserved', async () => {
    const llm = make()
    steps = [text('Hi'), finish({ outputTokens: 400 })]
    await run(llm)
    await run(llm)
    expect(costs()).toEqual([412, 412])
    expect(reserved).toEqual([worst, worst * 3])
    steps = [text('Hi'), finish()]
    now += 86_000_000
    await run(llm)
    now += 86_400_000
    await run(llm)
    expect(reserved.slice(2)).toEqual([worst * 3, worst])
  })

  test('leaves the call the time that waiting for money has left', async () => {
    await run(make(), { timeoutMs: 10_000 })
    await run(make(), { timeoutMs: 500 })
    expect(asked.map(({ timeoutMs }) => timeoutMs)).toEqual([9300, 1])
  })
})

describe('a failure', () => {
  const failure = (used?: LlmError['used']) => new LlmError('unavailable', 'a/b', 'broken', { used })

  test.each<[string, Step[], number]>([
    ['before anything left', [failure('nothing')], 0],
    ['with a bill', [failure({ ...usage, outputTokens: 90 })], 102],
    ['that nobody can judge', [text('Hi'), failure()], worst],
    ['after more words than allowed', [text('word '.repeat(1000)), failure()], 10 + 16 + 64 + 1250],
    ['that is no model’s', [text('Hi'), new Error('bug')], worst],
  ])('%s', async (_, script, cost) => {
    steps = script
    const { error } = await run(make(), { onCharge: () => expect.unreachable('a failure is settled here') })
    expect(error).toBeInstanceOf(Error)
    expect(costs()).toEqual([cost])
  })

  test('and a stream nobody reads to its end', async () => {
    for await (const part of make().stream({
      system: '',
      messages: [{ role: 'user', text: '0123456789' }],
      maxOutputTokens: 100,
      signal: new AbortController().signal,
    })) {
      expect(part.type).toBe('text')
      break
    }
    expect(costs()).toEqual([worst])
  })

  test('and one that was aborted', async () => {
    const controller = new AbortController()
    steps = [text('Hi'), () => controller.abort(new Error('enough')), finish()]
    const { error } = await run(make(), { signal: controller.signal })
    expect(error).toEqual(new Error('enough'))
    expect(costs()).toEqual([worst])
  })
})

test('what was aborted while it waited for money is not charged', async () => {
  const controller = new AbortController()
  const impatient: Purse = {
    ...purse,
    reserve: async (wanted) => {
      controller.abort(new Error('enough'))
      return await purse.reserve(wanted)
    },
  }
  const llm = withBudget(model, { price, purse: impatient, clock: { now: () => now }, timeoutMs: 30_000 })
  expect((await run(llm, { signal: controller.signal })).error).toEqual(new Error('enough'))
  expect(costs()).toEqual([0])
})

test('the money is asked for beside the permit, and given back when that is refused', async () => {
  const permit = Promise.withResolvers<void>()
  const done = run(make(), { permit: () => permit.promise })
  await Promise.resolve()
  expect([reserved, asked]).toEqual([[worst], []])
  permit.reject(new Error('no call is left'))
  expect(await done).toMatchObject({ error: { message: 'no call is left' } })
  expect([asked, settled]).toEqual([[], [expect.objectContaining({ id: 'r1', costMicroUsd: 0 })]])
})

test('money that others have is waited for no longer once the permit is refused', async () => {
  const waiting: Purse = {
    ...purse,
    reserve: ({ signal }) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  }
  const llm = withBudget(model, { price, purse: waiting, clock: { now: () => now }, timeoutMs: 30_000 })
  const refused = new Error('no call is left')
  expect(await run(llm, { permit: () => Promise.reject(refused) })).toEqual({ parts: [], error: refused })
  expect([asked, settled]).toEqual([[], []])
})

test('without money nobody is asked', async () => {
  hasMoney = false
  const { error } = await run()
  expect(error).toMatchObject({ fault: 'budget', model: 'a/b' })
  expect(asked).toEqual([])
  expect(settled).toEqual([])
})

test('where there was no money of late, a permit is asked for once there is', async () => {
  const llm = make()
  let permits = 0
  const permit = async (): Promise<void> => void (permits += 1)
  hasMoney = false
  for (let count = 0; count < 3; count += 1)
    expect((await run(llm, { permit })).error).toMatchObject({ fault: 'budget' })
  expect([asked, permits]).toEqual([[], 1])
  hasMoney = true
  const refused = new Error('no call is left')
  expect((await run(llm, { permit: () => Promise.reject(refused) })).error).toBe(refused)
  expect([asked, settled]).toEqual([[], [expect.objectContaining({ costMicroUsd: 0 })]])
  await run(llm, { permit })
  expect([asked.length, permits]).toEqual([1, 2])
})

test('a model that costs nothing is left alone', () => {
  const free: Price = { input: 0, cachedInput: 0, output: 0 }
  expect(withBudget(model, { price: free, purse, clock: { now: () => now }, timeoutMs: 1 })).toBe(model)
})
