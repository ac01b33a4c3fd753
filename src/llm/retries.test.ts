import { describe, expect, test } from 'vitest'
import type { Clock } from '../model/time.ts'
import { type Llm, type LlmAttempt, LlmError, type LlmPart, type LlmRequest } from './llm.ts'
import { systemSleep } from './pause.ts'
import { type RetryOptions, withRetries } from './retries.ts'
import { createRetryBudget } from './retry-budget.ts'
import { createScripted, type Script } from './scripted.ts'

function setup(scripts: [Script, ...Script[]], more: Partial<RetryOptions> = {}) {
  let time = 1_000
  const waits: number[] = []
  const clock: Clock = { now: () => time }
  const model = createScripted(scripts)
  const llm = withRetries(model, {
    tries: 3,
    backoffMs: [2_000, 10_000],
    timeoutMs: 30_000,
    behind: 0,
    budget: createRetryBudget({ share: 1, clock }),
    clock,
    random: () => 0,
    sleep: async (ms) => {
      waits.push(ms)
      time += ms
    },
    ...more,
  })
  return { llm, model, waits, pass: (ms: number) => (time += ms) }
}

async function run(llm: Llm, more: Partial<LlmRequest> = {}) {
  const parts: LlmPart[] = []
  const attempts: LlmAttempt[] = []
  const request: LlmRequest = {
    system: '',
    messages: [{ role: 'user', text: 'hi' }],
    maxOutputTokens: 10,
    signal: new AbortController().signal,
    onAttempt: (attempt) => attempts.push(attempt),
    ...more,
  }
  let error: unknown
  try {
    for await (const part of llm.stream(request)) parts.push(part)
  } catch (reason) {
    error = reason
  }
  return { kinds: parts.map((part) => (part.type === 'text' ? part.text : part.type)), attempts, error }
}

/** A model that fails with a wait. */
const failing = (retryAfterMs: number): Llm => ({
  name: 'a/b',
  // oxlint-disable-next-line require-yield
  async *stream() {
    throw new LlmError('rate_limited', 'a/b', 'slow down', { retryAfterMs })
  },
})

describe('withRetries', () => {
  test('asks again after a fault that passes, waits longer each time, reports each try', async () => {
    const { llm, waits } = setup([{ fault: 'unavailable' }, { fault: 'rate_limited' }, { say: ['ok'] }])
    const { kinds, attempts, error } = await run(llm)
    expect(error).toBeUndefined()
    expect(kinds).toEqual(['ok', 'finish'])
    expect(waits).toEqual([2_000, 4_000])
    expect(attempts.map((attempt) => attempt.outcome)).toEqual(['unavailable', 'rate_limited', 'ok'])
    expect(attempts[0]).toMatchObject({
      model: 'scripted/model',
      ms: 0,
      error: 'scripted/model: scripted unavailable',
    })
  })

  test('takes back what a failed try had said', async () => {
    const { llm } = setup([{ say: ['Hel', 'lo'], fault: 'cut' }, { fault: 'cut' }, { say: ['Hello!'] }])
    expect((await run(llm)).kinds).toEqual(['Hel', 'lo', 'restart', 'Hello!', 'finish'])
  })

  test('gives up after the last try with its failure', async () => {
    const { llm, model } = setup([{ fault: 'unavailable' }, { fault: 'cut' }])
    expect((await run(llm)).error).toMatchObject({ fault: 'cut' })
    expect(model.requests).toHaveLength(3)
  })

  test.each(['auth', 'invalid', 'empty'] as const)('%s is final', async (fault) => {
    const { llm, model, waits } = setup([{ fault }])
    expect((await run(llm)).error).toMatchObject({ fault })
    expect(model.requests).toHaveLength(1)
    expect(waits).toEqual([])
  })

  test('a random half is added, and never more than the longest wait', async () => {
    const { llm, waits } = setup([{ fault: 'cut' }], { tries: 4, timeoutMs: 60_000, random: () => 0.999 })
    await run(llm)
    expect(waits.map(Math.round)).toEqual([2_999, 5_998, 10_000])
  })

  test('sits out a wait the provider asks for, when there is time', async () => {
    let slept = 0
    const options = { sleep: async (ms: number) => void (slept += ms) }
    const { llm: template } = setup([{}], options)
    expect(template.name).toBe('scripted/model')
    const patient = withRetries(failing(7_000), { ...optionsOf(), ...options, tries: 2 })
    await run(patient)
    expect(slept).toBe(7_000)
  })

  test('gives up at once when the wait would outlast the time', async () => {
    let slept = 0
    const options = { ...optionsOf(), sleep: async (ms: number) => void (slept += ms) }
    expect((await run(withRetries(failing(31_000), options))).error).toMatchObject({ fault: 'rate_limited' })
    expect((await run(withRetries(failing(3_000), options), { timeoutMs: 2_500 })).error).toBeInstanceOf(
      LlmError,
    )
    expect((await run(withRetries(failing(11_000), { ...options, behind: 1 }))).error).toBeInstanceOf(
      LlmError,
    )
    expect(slept).toBe(0)
  })

  test('with another model behind it, a timeout is not tried again', async () => {
    const patient = setup([{ fault: 'timeout' }])
    const impatient = setup([{ fault: 'timeout' }], { behind: 1 })
    await run(patient.llm)
    await run(impatient.llm)
    expect(patient.model.requests).toHaveLength(3)
    expect(impatient.model.requests).toHaveLength(1)
  })

  test('a provider that may not be asked again is not, and the trace says so', async () => {
    const { llm, model } = setup([{ fault: 'unavailable' }], {
      budget: { asked: () => undefined, take: () => false },
    })
    const { attempts, error } = await run(llm)
    expect(error).toMatchObject({ fault: 'unavailable' })
    expect(model.requests).toHaveLength(1)
    expect(attempts).toMatchObject([{ error: expect.stringContaining('not tried again, too many calls') }])
  })

  test('a try is kept for each model behind, and a request may have fewer left', async () => {
    const behind = setup([{ fault: 'cut' }], { behind: 1 })
    const tries = { left: 3 }
    await run(behind.llm, { tries })
    expect(behind.model.requests).toHaveLength(2)
    expect(tries.left).toBe(1)
    const alone = setup([{ fault: 'cut' }])
    const { attempts } = await run(alone.llm, { tries: { left: 2 } })
    expect(attempts.map(({ repeated = false }) => repeated)).toEqual([false, true])
  })

  test('each try gets the time that is left', async () => {
    const { llm, model } = setup([{ fault: 'cut' }, { fault: 'cut' }, { say: ['ok'] }])
    await run(llm, { timeoutMs: 20_000 })
    expect(model.requests.map((request) => request.timeoutMs)).toEqual([20_000, 18_000, 14_000])
  })

  test('an abort while it waits ends it with the reason, and no further try', async () => {
    const abort = new AbortController()
    const reason = new Error('stopped')
    const { llm, model } = setup([{ fault: 'cut' }], { sleep: systemSleep })
    const attempts: LlmAttempt[] = []
    const onAttempt = (attempt: LlmAttempt): void => {
      attempts.push(attempt)
      setImmediate(() => abort.abort(reason))
    }
    expect((await run(llm, { signal: abort.signal, onAttempt })).error).toBe(reason)
    expect(model.requests).toHaveLength(1)
    expect(attempts).toHaveLength(1)
  })
})

const optionsOf = (): RetryOptions => ({
  tries: 3,
  backoffMs: [2_000, 10_000],
  timeoutMs: 30_000,
  behind: 0,
  budget: { asked: () => undefined, take: () => true },
  clock: { now: () => 0 },
  random: () => 0,
  sleep: async () => undefined,
})
