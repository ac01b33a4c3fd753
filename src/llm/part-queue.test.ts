import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { LlmPart } from './llm.ts'
import { createPartQueue } from './part-queue.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const finish: LlmPart = {
  type: 'finish',
  reason: 'stop',
  usage: { inputTokens: 1, outputTokens: 1, cachedInputTokens: 0 },
  model: 'fake/model',
}

/** What the next `take` has given after `ms`; `undefined` when nothing. */
async function within(ms: number, part: Promise<LlmPart>): Promise<LlmPart | undefined> {
  let given: LlmPart | undefined
  void part.then((value) => (given = value))
  await vi.advanceTimersByTimeAsync(ms)
  return given
}

test('the first text at once, then what came within 50 ms as one part', async () => {
  const queue = createPartQueue()
  const first = queue.take()
  queue.text('one ')
  expect(await within(0, first)).toEqual({ type: 'text', text: 'one ' })
  const second = queue.take()
  queue.text('two ')
  queue.text('three ')
  expect(await within(49, second)).toBeUndefined()
  expect(await within(1, second)).toEqual({ type: 'text', text: 'two three ' })
})

test('text that comes after a pause waits for nothing', async () => {
  const queue = createPartQueue()
  queue.text('one')
  await queue.take()
  const second = queue.take()
  await vi.advanceTimersByTimeAsync(200)
  queue.text('two')
  expect(await within(0, second)).toEqual({ type: 'text', text: 'two' })
})

test('the end hands over what waits, and itself, at once', async () => {
  const queue = createPartQueue()
  queue.text('one')
  await queue.take()
  const second = queue.take()
  queue.text('two')
  queue.finish(finish)
  expect(await within(0, second)).toEqual({ type: 'text', text: 'two' })
  expect(await within(0, queue.take())).toEqual(finish)
})

test('a failure comes behind the text that waits, an abort instead of it', async () => {
  const failed = createPartQueue()
  failed.text('one')
  await failed.take()
  failed.text('two')
  failed.fail(new Error('cut'))
  expect(await within(0, failed.take())).toEqual({ type: 'text', text: 'two' })
  await expect(failed.take()).rejects.toThrow('cut')

  const aborted = createPartQueue()
  aborted.text('one')
  await aborted.take()
  aborted.text('two')
  const next = aborted.take()
  aborted.abort(new Error('hung up'))
  await expect(next).rejects.toThrow('hung up')
})
