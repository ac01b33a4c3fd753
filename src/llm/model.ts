import { type Clock, systemClock } from '../model/time.ts'
import { type CallLimits, defaultLimits, openCall } from './call.ts'
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
  limits?: Partial<CallLimits>
  clock?: Clock
}

/** One model of one provider, asked once a call. Throws when there is no usable base URL. */
export function createModel(settings: ModelSettings, options: ModelOptions): Llm {
  const name = `${settings.provider}/${settings.model}`
  const profile = providers[settings.provider]
  const url = new URL(
    resolveBaseUrl(settings.provider, settings.baseUrl) + profile.format.path(settings.model),
  )
  const limits = { ...defaultLimits, ...options.limits }
  const fixed = {
    name,
    limits,
    format: profile.format,
    transport: options.transport,
    clock: options.clock ?? systemClock,
  }

  const open = (request: LlmRequest) => {
    const headers = {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      ...keyHeaders(settings, name),
    }
    const post = {
      origin: url.origin,
      path: url.pathname + url.search,
      headers,
      body: bodyOf(settings, request),
    }
    return openCall({ ...fixed, post, request })
  }

  async function* stream(request: LlmRequest): AsyncGenerator<LlmPart> {
    request.signal.throwIfAborted()
    const call = open(request)
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

function keyHeaders({ provider, apiKey }: ModelSettings, name: string): Record<string, string> {
  const key = typeof apiKey === 'function' ? apiKey() : apiKey
  const { headers, keyless } = providers[provider]
  if (!(key === '' && keyless) && !sendable.test(key)) {
    throw new LlmError('auth', name, `${name}: the key is empty or holds characters no key has; set it anew`)
  }
  return headers(key)
}

function bodyOf({ provider, model }: ModelSettings, request: LlmRequest): string {
  const { format, extra } = providers[provider]
  const { maxOutputTokens } = request
  const dialogue = toDialogue(request.messages)
  if (dialogue.length === 0) {
    throw new LlmError(
      'invalid',
      `${provider}/${model}`,
      `${provider}/${model}: there is no question to answer`,
    )
  }
  const system = request.system.toWellFormed()
  return JSON.stringify(
    format.body({ model, system, dialogue, maxOutputTokens, extra: extra(model, maxOutputTokens) }),
  )
}
