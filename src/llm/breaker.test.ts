import { describe, expect, test } from 'vitest'
import { withBreaker } from './breaker.ts'
import type { Llm, LlmAttempt, LlmFault } from './llm.ts'
import { createScripted } from './scripted.ts'

function setup() {
  const state: { time: number; fault: LlmFault | undefined } = { time: 0, fault: undefined }
  const model = createScripted(() => (state.fault ? { fault: state.fault } : { say: ['ok'] }))
  const changes: string[] = []
  const onChange = (change: string): void => void changes.push(change)
  const clock = { now: () => state.time }
  const llm = withBreaker(model, { failures: 3, restMs: 30_000, clock, onChange })
  return { state, model, llm, changes }
}

async function call(llm: Llm, onAttempt?: (attempt: LlmAttempt) => void): Promise<string> {
  const messages = [{ role: 'user' as const, text: 'hi' }]
  const signal = new AbortController().signal
  try {
    const request = { system: '', messages, maxOutputTokens: 10, signal, ...(onAttempt && { onAttempt }) }
    for await (const part of llm.stream(request)) if (part.type === 'finish') return 'ok'
    return 'nothing'
  } catch (error) {
    return error instanceof Error ? error.message : 'unknown'
  }
}

const fail = async (llm: Llm, times: number): Promise<void> => {
  for (let count = 0; count < times; count += 1) await call(llm)
}

describe('withBreaker', () => {
  test('opens after failures in a row, lets one call try after a rest, closes when it is well', async () => {
    const { state, model, llm, changes } = setup()
    state.fault = 'unavailable'
    await fail(llm, 2)
    expect(llm.state()).toBe('closed')
    await fail(llm, 1)
    expect(llm.state()).toBe('open')
    const attempts: LlmAttempt[] = []
    expect(await call(llm, (attempt) => attempts.push(attempt))).toContain('left alone after 3 failures')
    expect(attempts).toMatchObject([{ outcome: 'unavailable', ms: 0 }])
    expect(model.requests).toHaveLength(3)

    state.time += 30_000
    expect(llm.state()).toBe('half_open')
    await fail(llm, 1)
    expect(llm.state()).toBe('open')
    expect(model.requests).toHaveLength(4)

    state.time += 30_000
    state.fault = undefined
    expect(await call(llm)).toBe('ok')
    expect(llm.state()).toBe('closed')
    expect(changes).toEqual(['open', 'closed'])
  })

  test('a good answer in between starts the count anew', async () => {
    const { state, llm } = setup()
    for (let round = 0; round < 3; round += 1) {
      state.fault = 'timeout'
      await fail(llm, 2)
      state.fault = undefined
      await call(llm)
    }
    expect(llm.state()).toBe('closed')
  })

  test.each(['auth', 'invalid', 'empty'] as const)('%s does not open it', async (fault) => {
    const { state, llm } = setup()
    state.fault = fault
    await fail(llm, 10)
    expect(llm.state()).toBe('closed')
  })

  test('only one of many tries a resting model', async () => {
    const { state, model, llm } = setup()
    state.fault = 'cut'
    await fail(llm, 3)
    state.time += 30_000
    await Promise.all(Array.from({ length: 20 }, () => call(llm)))
    expect(model.requests).toHaveLength(4)
  })
})
