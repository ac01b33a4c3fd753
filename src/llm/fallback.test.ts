import { describe, expect, test } from 'vitest'
import { withFallback } from './fallback.ts'
import { type Llm, LlmError, type LlmPart } from './llm.ts'
import { createScripted, type Script } from './scripted.ts'

let time = 0
const options = { timeoutMs: 30_000, clock: { now: () => time } }
const scripted = (name: string, script: Script) => createScripted([script], name)

async function kindsOf(llm: Llm, signal = new AbortController().signal): Promise<string[]> {
  const parts: LlmPart[] = []
  const request = {
    system: '',
    messages: [{ role: 'user' as const, text: 'hi' }],
    maxOutputTokens: 10,
    signal,
  }
  for await (const part of llm.stream(request)) parts.push(part)
  return parts.map((part) =>
    part.type === 'text' ? part.text : part.type === 'finish' ? part.model : part.type,
  )
}

describe('withFallback', () => {
  test.each(['auth', 'rate_limited', 'unavailable', 'timeout', 'cut', 'empty', 'invalid'] as const)(
    'the next model answers after %s',
    async (fault) => {
      const llm = withFallback([scripted('a/1', { fault }), scripted('b/2', { say: ['yes'] })], options)
      expect(await kindsOf(llm)).toEqual(['yes', 'b/2'])
    },
  )

  test('takes back what failed models had said', async () => {
    const silent = scripted('b/2', { fault: 'auth' })
    const llm = withFallback(
      [scripted('a/1', { say: ['He'], fault: 'cut' }), silent, scripted('c/3', { say: ['Hello'] })],
      options,
    )
    expect(await kindsOf(llm)).toEqual(['He', 'restart', 'Hello', 'c/3'])
  })

  test('the last failure is thrown when none answers', async () => {
    const llm = withFallback([scripted('a/1', { fault: 'cut' }), scripted('b/2', { fault: 'auth' })], options)
    await expect(kindsOf(llm)).rejects.toMatchObject({ fault: 'auth', model: 'b/2' })
  })

  test('an aborted request asks no further model', async () => {
    const abort = new AbortController()
    const second = scripted('b/2', { say: ['no'] })
    const first: Llm = {
      name: 'a/1',
      async *stream(request) {
        yield { type: 'text', text: 'a' }
        abort.abort(new Error('stopped'))
        request.signal.throwIfAborted()
      },
    }
    await expect(kindsOf(withFallback([first, second], options), abort.signal)).rejects.toThrow('stopped')
    expect(second.requests).toHaveLength(0)
  })

  test('the next model gets the time that is left, and none is asked when there is none', async () => {
    const slow = (ms: number): Llm => ({
      name: 'a/1',
      // oxlint-disable-next-line require-yield
      async *stream() {
        time += ms
        throw new LlmError('timeout', 'a/1', 'slow')
      },
    })
    const second = scripted('b/2', { say: ['yes'] })
    await kindsOf(withFallback([slow(12_000), second], options))
    expect(second.requests[0]?.timeoutMs).toBe(18_000)
    await expect(kindsOf(withFallback([slow(30_000), second], options))).rejects.toMatchObject({
      fault: 'timeout',
    })
    expect(second.requests).toHaveLength(1)
  })
})
