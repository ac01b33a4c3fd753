import { type Clock, systemClock } from '../model/time.ts'
import { openCall } from './call.ts'
import { type CallLimits, limitsFor } from './limits.ts'
import { type Llm, LlmError, type LlmPart, type LlmRequest } from './llm.ts'
import { type Provider, providers, resolveBaseUrl } from './providers.ts'
import type { Transport } from './transport.ts'
import { toDialogue } from './wire/dialogue.ts'

export interface ModelSettings {
  provider: Provider
  model: string
  /** A function is asked at every call, so that a new key needs no restart. */
  apiKey: string | (() => string)
  /** Undefined: the provider's own. */
  baseUrl: string | undefined
}

export interface ModelOptions {
  transport: Transport
  /** Default: those of a call of 30 seconds. */
  limits?: CallLimits
  /** Of the wall: a provider may say until when to wait. */
  clock?: Clock | undefined
}

/** One model of one provider; each stream is one call. Throws when there is no usable base URL. */
export function createModel(settings: ModelSettings, options: ModelOptions): Llm {
  const { provider, model } = settings
  const { transport, limits = limitsFor(30_000), clock = systemClock } = options
  const { format } = providers[provider]
  const name = `${provider}/${model}`
  const { origin, pathname, search } = new URL(
    resolveBaseUrl(provider, settings.baseUrl) + format.path(model),
  )

  async function* stream(request: LlmRequest): AsyncGenerator<LlmPart> {
    await request.permit?.()
    request.signal.throwIfAborted()
    const key = keyOf(settings, name)
    const post = {
      origin,
      path: pathname + search,
      headers: headersOf(provider, key),
      body: bodyOf(settings, request),
      silenceMs: limits.silenceMs,
    }
    const call = openCall({ name, key, format, post, request, limits, transport, now: clock.now })
    try {
      for (;;) {
        const part = await call.take()
        yield part
        if (part.type === 'finish') return
      }
    } finally {
      call.close()
    }
  }
  return { name, stream }
}

/** Visible ASCII: anything else can not stand in a header and comes from a broken setting. */
const sendable = /^[\x21-\x7e]+$/

function keyOf({ provider, apiKey }: ModelSettings, name: string): string {
  const key = typeof apiKey === 'function' ? apiKey() : apiKey
  if (sendable.test(key) || (key === '' && providers[provider].keyless)) return key
  const message = `${name}: the key is empty or holds characters no key has; set it anew`
  throw new LlmError('auth', name, message, { used: 'nothing' })
}

const headersOf = (provider: Provider, key: string): Record<string, string> => ({
  'content-type': 'application/json',
  accept: 'text/event-stream',
  ...providers[provider].headers(key),
})

function bodyOf({ provider, model }: ModelSettings, request: LlmRequest): string {
  const { format, extra } = providers[provider]
  const { maxOutputTokens } = request
  const dialogue = toDialogue(request.messages)
  if (dialogue.length === 0) {
    const name = `${provider}/${model}`
    throw new LlmError('invalid', name, `${name}: there is no question to answer`, { used: 'nothing' })
  }
  const system = request.system.toWellFormed()
  const fields = extra(model, maxOutputTokens)
  return JSON.stringify(format.body({ model, system, dialogue, maxOutputTokens, extra: fields }))
}
