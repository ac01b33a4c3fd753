import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type CallLimits, limitsFor } from '../../src/llm/limits.ts'
import type { Llm, LlmFault, LlmPart, LlmRequest, LlmUsed } from '../../src/llm/llm.ts'
import { LlmError } from '../../src/llm/llm.ts'
import type { Behaviour, Fault, Wire } from '../fakes/model/behaviour.ts'
import { createFakeModels, type FakeModels } from '../fakes/model/server.ts'
import type { FakeProvider } from '../fakes/model/vendors.ts'

/** What a suite run needs of an implementation. */
export interface LlmSetup {
  provider: FakeProvider
  key: string
  /** A model that speaks to the fake. */
  create(options: { baseUrl: string; key?: () => string; limits?: CallLimits; model?: string }): Llm
  /** Closes the connections of all models made so far. */
  close(): Promise<void>
}

export const requestOf = (more: Partial<LlmRequest> = {}): LlmRequest => ({
  system: 'Be brief.',
  messages: [{ role: 'user', text: 'What do you do?' }],
  maxOutputTokens: 500,
  signal: new AbortController().signal,
  ...more,
})

export async function partsOf(llm: Llm, more: Partial<LlmRequest> = {}): Promise<LlmPart[]> {
  const parts: LlmPart[] = []
  for await (const part of llm.stream(requestOf(more))) parts.push(part)
  return parts
}

export const textOf = (parts: LlmPart[]): string =>
  parts.map((part) => (part.type === 'text' ? part.text : '')).join('')

/** The error a stream ends with; fails when it ends well or with something else. */
export async function failureOf(llm: Llm, more: Partial<LlmRequest> = {}): Promise<LlmError> {
  const error = await partsOf(llm, more).then(
    (parts) => new Error(`answered: ${textOf(parts).slice(0, 80)}`),
    (reason: unknown) => reason,
  )
  if (error instanceof LlmError) return error
  throw error
}

const russian = ['Привет', ', ', 'мир 🌍', ' — 你好', '!']

const wires: [string, Wire][] = [
  ['CRLF', { newline: '\r\n' }],
  ['CR', { newline: '\r' }],
  ['comments between events', { comments: true }],
  ['data over several lines', { multiline: true }],
  ['no line break at the end', { unfinished: true }],
  ['one byte at a time', { chunk: 1 }],
  ['everything at once', { newline: '\r\n', comments: true, multiline: true, unfinished: true, chunk: 7 }],
]

const bigToken = 'long answer '.repeat(10_000)
const tenMegabytes = Array.from({ length: 85 }, () => bigToken)

const faults: [string, Behaviour, LlmFault][] = [
  ['429', status(429), 'rate_limited'],
  ['500', status(500), 'unavailable'],
  ['503', status(503), 'unavailable'],
  ['529', status(529), 'unavailable'],
  ['402', status(402), 'auth'],
  ['403', status(403), 'auth'],
  ['413', status(413), 'invalid'],
  ['400', status(400), 'invalid'],
  ['a socket destroyed at once', { fault: { kind: 'cut', after: 0 } }, 'cut'],
  ['a socket destroyed in mid-stream', { tokenMs: 1, fault: { kind: 'cut', after: 2 } }, 'cut'],
  ['a stream that ends too early', { fault: { kind: 'end', after: 2 } }, 'cut'],
  ['an error event: overloaded', { fault: { kind: 'event', after: 1, status: 529 } }, 'unavailable'],
  ['an error event: failed', { fault: { kind: 'event', after: 1, status: 500 } }, 'unavailable'],
  ['an error event: too many', { fault: { kind: 'event', after: 0, status: 429 } }, 'rate_limited'],
  ['an error event: refused', { fault: { kind: 'event', after: 0, status: 400 } }, 'invalid'],
  ['bytes of nonsense', { fault: { kind: 'nonsense' } }, 'invalid'],
  ['JSON of no known shape', { fault: { kind: 'strange' } }, 'invalid'],
  ['no text', { tokens: [] }, 'empty'],
  ['no text for the filter', { tokens: [], finish: 'refused' }, 'empty'],
  ['10 MB of answer', { tokens: tenMegabytes }, 'invalid'],
  ['a line of 10 MB', { fault: { kind: 'line', bytes: 10_000_000 } }, 'invalid'],
  ['a web page', { fault: { kind: 'type', contentType: 'text/html' } }, 'invalid'],
]

function status(code: number, headers: Record<string, string> = {}): Behaviour {
  const fault: Fault = { kind: 'status', status: code, headers }
  return { fault }
}

/** Everything `Llm` promises, run against the fake of one provider. */
export function llmContract(setup: LlmSetup): void {
  let fake: FakeModels
  const make = (limits?: CallLimits): Llm =>
    setup.create({ baseUrl: fake.baseUrl(setup.provider), ...(limits && { limits }) })

  beforeAll(async () => {
    fake = await createFakeModels()
  })
  beforeEach(() => fake.always({}))
  afterEach(() => fake.setKey(setup.provider, setup.key))
  afterAll(async () => {
    await setup.close()
    await fake.close()
  })

  describe('a good answer', () => {
    test('streams its text, then finishes with usage and model', async () => {
      const llm = make()
      const cached = setup.provider === 'longcat' || setup.provider === 'compatible' ? 0 : 12
      fake.next({ tokens: russian, tokenMs: 5, usage: { input: 30, output: 9, cached: 12 } })
      const parts = await partsOf(llm)
      expect(textOf(parts)).toBe('Привет, мир 🌍 — 你好!')
      expect(parts.length).toBeGreaterThan(1)
      expect(parts.at(-1)).toEqual({
        type: 'finish',
        reason: 'stop',
        usage: { inputTokens: 30, outputTokens: 9, cachedInputTokens: cached },
        model: llm.name,
      })
    })

    test('sends system text, dialogue and output limit', async () => {
      await partsOf(make(), {
        system: 'You are Petya.',
        messages: [
          { role: 'user', text: 'first' },
          { role: 'assistant', text: 'second' },
          { role: 'user', text: 'third' },
        ],
        maxOutputTokens: 123,
      })
      const body = JSON.stringify(fake.requests.at(-1)?.body)
      const places = ['You are Petya.', 'first', 'second', 'third'].map((words) => body.indexOf(words))
      expect(Math.min(...places)).toBeGreaterThan(0)
      expect(places.slice(1)).toEqual(places.slice(1).toSorted((one, other) => one - other))
      expect(body).toContain(':123')
    })

    test('brings any history into a form the provider takes', async () => {
      const messages: LlmRequest['messages'] = [
        { role: 'assistant', text: 'Welcome!' },
        { role: 'user', text: 'one' },
        { role: 'user', text: ' ' },
        { role: 'user', text: 'half an emoji \ud83d' },
        { role: 'assistant', text: '' },
        { role: 'assistant', text: 'so?' },
        { role: 'user', text: 'two' },
        { role: 'assistant', text: 'said by mistake' },
      ]
      expect(textOf(await partsOf(make(), { messages, system: '' }))).toBe('Hello, world!')
      expect((await failureOf(make(), { messages: [] })).fault).toBe('invalid')
    })

    test('tells when the output limit or the filter ended it', async () => {
      fake.next({ finish: 'length' }, { finish: 'refused' })
      expect((await partsOf(make())).at(-1)).toMatchObject({ reason: 'length' })
      expect((await partsOf(make())).at(-1)).toMatchObject({ reason: 'refused' })
    })

    test('estimates the usage a provider keeps to itself', async () => {
      fake.next({ usage: 'none' })
      const finish = (await partsOf(make())).at(-1)
      expect(finish).toMatchObject({ usage: { estimated: true, cachedInputTokens: 0 } })
      const usage = finish?.type === 'finish' ? finish.usage : undefined
      expect(usage?.inputTokens).toBeGreaterThan(4)
      expect(usage?.outputTokens).toBeGreaterThan(2)
    })

    test.each(wires)('survives legal habits of the wire: %s', async (_name, wire) => {
      fake.next({ tokens: russian, wire })
      const parts = await partsOf(make())
      expect(textOf(parts)).toBe('Привет, мир 🌍 — 你好!')
      expect(parts.at(-1)).toMatchObject({ type: 'finish', reason: 'stop', usage: { inputTokens: 20 } })
    })
  })

  describe('a fault', () => {
    test.each(faults)('%s', async (_name, behaviour, fault) => {
      fake.next(behaviour)
      const error = await failureOf(make())
      expect(error.fault).toBe(fault)
      expect(error.message).not.toContain(setup.key)
      expect(error.model).toBe(make().name)
      expect(textOf(await partsOf(make()))).toBe('Hello, world!')
    })

    test('nothing before the headers, or in mid-stream, is a timeout', async () => {
      const limits = limitsFor(20_000, { silenceMs: 150 })
      fake.next({ fault: { kind: 'hang' } }, { fault: { kind: 'stall', after: 2 } })
      expect((await failureOf(make(limits))).fault).toBe('timeout')
      expect((await failureOf(make(limits))).fault).toBe('timeout')
    })

    test('a trickle that never ends is cut off by the time for the whole call', async () => {
      fake.next({ tokens: Array.from({ length: 1000 }, () => 'a'), tokenMs: 20 })
      const limits = limitsFor(300, { silenceMs: 20_000 })
      expect(await failureOf(make(limits))).toMatchObject({ fault: 'timeout' })
      fake.next({ fault: { kind: 'hang' } })
      expect(await failureOf(make(), { timeoutMs: 50 })).toMatchObject({ fault: 'timeout' })
      expect((await fake.requests.at(-1)?.closed) === true).toBe(true)
    })

    test('a slow answer is no timeout as long as something comes', async () => {
      fake.next({ tokens: ['s', 'l', 'o', 'w'], firstTokenMs: 200, tokenMs: 200 })
      expect(textOf(await partsOf(make(limitsFor(20_000, { silenceMs: 500 }))))).toBe('slow')
    })

    test('retry-after in seconds, milliseconds and as a date', async () => {
      const date = new Date(Date.now() + 60_000).toUTCString()
      fake.next(
        status(429, { 'retry-after': '7' }),
        status(503, { 'retry-after-ms': '1500', 'retry-after': '9' }),
        status(429, { 'retry-after': date }),
        status(429, { 'retry-after': 'soon' }),
      )
      expect((await failureOf(make())).retryAfterMs).toBe(7000)
      expect((await failureOf(make())).retryAfterMs).toBe(1500)
      const byDate = (await failureOf(make())).retryAfterMs
      expect(byDate).toBeGreaterThan(50_000)
      expect(byDate).toBeLessThanOrEqual(60_000)
      expect((await failureOf(make())).retryAfterMs).toBeUndefined()
    })

    test('a redirect is not followed: the key stays here', async () => {
      const before = fake.requests.length
      fake.next({ fault: { kind: 'redirect', location: `${fake.baseUrl('openai')}/chat/completions` } })
      expect((await failureOf(make())).fault).toBe('invalid')
      expect(fake.requests.length).toBe(before + 1)
    })

    test('nobody listens', async () => {
      const llm = setup.create({ baseUrl: 'http://127.0.0.1:1/v1' })
      expect(await failureOf(llm)).toMatchObject({ fault: 'unavailable', used: 'nothing' })
    })

    test.each<[string, Behaviour, LlmUsed]>([
      ['turned away: nothing', status(429), 'nothing'],
      ['refused: nothing', status(400), 'nothing'],
      ['a wrong key: nothing', status(401), 'nothing'],
      ['overloaded: nothing', status(503), 'nothing'],
      ['overloaded, as Anthropic says it: nothing', status(529), 'nothing'],
      [
        'refused by a filter that has read it: nobody knows',
        { fault: { kind: 'status', status: 400, message: 'content_filter: not this' } },
        undefined,
      ],
      ['broken inside: nobody knows', status(500), undefined],
      ['a gateway out of patience: nobody knows', status(504), undefined],
      ['cut: nobody knows', { fault: { kind: 'cut', after: 2 } }, undefined],
      ['an error event: nobody knows', { fault: { kind: 'event', after: 1, status: 429 } }, undefined],
      ['nonsense: nobody knows', { fault: { kind: 'nonsense' } }, undefined],
    ])('tells what was used when %s', async (_name, behaviour, used) => {
      fake.next(behaviour)
      expect((await failureOf(make())).used).toEqual(used)
    })

    test('tells what thoughts without an answer have used', async () => {
      fake.next({ tokens: [], usage: { input: 30, output: 500, cached: 0 } })
      expect(await failureOf(make())).toMatchObject({
        fault: 'empty',
        used: { inputTokens: 30, outputTokens: 500 },
      })
    })

    test('an unknown model, and an address where there is no model', async () => {
      const baseUrl = fake.baseUrl(setup.provider)
      expect((await failureOf(setup.create({ baseUrl, model: 'no-such' }))).fault).toBe('invalid')
      expect((await failureOf(setup.create({ baseUrl: `${fake.origin}/v1` }))).fault).toBe('invalid')
    })
  })

  describe('the key', () => {
    test('a wrong one, or one that cannot be sent, is said and not shown', async () => {
      const baseUrl = fake.baseUrl(setup.provider)
      for (const key of ['sk-wrong-key-of-somebody', 'two\r\nlines: yes', 'ключ']) {
        const error = await failureOf(setup.create({ baseUrl, key: () => key }))
        expect(error.fault).toBe('auth')
        expect(`${error.message} ${error.stack} ${JSON.stringify(error)}`).not.toContain(key)
      }
    })

    test('is cut out of what the provider says', async () => {
      for (const code of [400, 401, 429, 500]) {
        fake.next({ fault: { kind: 'status', status: code, message: `no luck with ${setup.key} today` } })
        const error = await failureOf(make())
        expect(`${error.message} ${error.stack} ${JSON.stringify(error)}`).not.toContain(setup.key)
      }
    })

    test('a new one needs no restart', async () => {
      let key = setup.key
      const llm = setup.create({ baseUrl: fake.baseUrl(setup.provider), key: () => key })
      await partsOf(llm)
      fake.setKey(setup.provider, 'new-key-0009')
      expect((await failureOf(llm)).fault).toBe('auth')
      key = 'new-key-0009'
      expect(textOf(await partsOf(llm))).toBe('Hello, world!')
    })
  })

  describe('hanging up', () => {
    test.each<[string, Behaviour]>([
      ['before the headers', { fault: { kind: 'hang' } }],
      ['in mid-stream', { fault: { kind: 'stall', after: 2 } }],
    ])('an abort %s throws its reason and closes the connection at once', async (_name, behaviour) => {
      const abort = new AbortController()
      const reason = new Error('the lease is lost')
      const before = fake.requests.length
      fake.next(behaviour)
      const parts = partsOf(make(), { signal: abort.signal })
      await expect.poll(() => fake.requests.length).toBe(before + 1)
      abort.abort(reason)
      await expect(parts).rejects.toBe(reason)
      expect(await fake.requests.at(-1)?.closed).toBe(true)
    })

    test('an abort beforehand asks nobody', async () => {
      const before = fake.requests.length
      await expect(partsOf(make(), { signal: AbortSignal.abort(new Error('stopped')) })).rejects.toThrow(
        'stopped',
      )
      expect(fake.requests.length).toBe(before)
    })

    test('a reader who leaves in the middle closes the connection', async () => {
      fake.next({ fault: { kind: 'stall', after: 2 } })
      for await (const part of make().stream(requestOf())) if (part.type === 'text') break
      expect(await fake.requests.at(-1)?.closed).toBe(true)
    })
  })

  test('calls one after the other share a connection or two, calls at once do not mix', async () => {
    await setup.close()
    await expect.poll(() => fake.openSockets()).toBe(0)
    for (let call = 0; call < 20; call += 1) await partsOf(make())
    expect(fake.openSockets()).toBeLessThanOrEqual(2)
    fake.always((request) => ({
      tokens: [String(JSON.stringify(request.body).match(/question \d+/))],
      tokenMs: 2,
    }))
    const texts = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        partsOf(make(), { messages: [{ role: 'user', text: `question ${index}` }] }).then(textOf),
      ),
    )
    expect(texts).toEqual(Array.from({ length: 50 }, (_, index) => `question ${index}`))
  })

  test('closing leaves no socket, whatever went on', async () => {
    fake.next({ fault: { kind: 'hang' } }, { fault: { kind: 'stall', after: 1 } }, status(500), {})
    const before = fake.requests.length
    const calls = Array.from({ length: 4 }, () => partsOf(make()).then(textOf, (error: unknown) => error))
    await expect.poll(() => fake.requests.length).toBe(before + 4)
    await setup.close()
    await expect.poll(() => fake.openSockets()).toBe(0)
    const ends = await Promise.all(calls)
    expect(ends.every((end) => typeof end === 'string' || end instanceof LlmError)).toBe(true)
  })
}
