import type { BotCommand, Update, User, WebhookInfo } from '@grammyjs/types'
import { Pool } from 'undici'
import { maskSecrets } from '../../ops/mask.ts'
import { exchange, Unanswered, Unsent } from './exchange.ts'
import { parseExactly } from './json.ts'

/** The methods used, with their arguments and results (https://core.telegram.org/bots/api#available-methods). */
export interface Calls {
  getMe: [args: Record<string, never>, result: User]
  getUpdates: [
    args: { offset?: number; limit?: number; timeout: number; allowed_updates?: readonly string[] },
    result: Update[],
  ]
  getWebhookInfo: [args: Record<string, never>, result: WebhookInfo]
  setWebhook: [
    args: {
      url: string
      secret_token: string
      allowed_updates: readonly string[]
      drop_pending_updates?: boolean
    },
    result: true,
  ]
  deleteWebhook: [args: { drop_pending_updates?: boolean }, result: true]
  sendMessage: [args: object, result: { message_id: number }]
  sendMessageDraft: [args: object, result: true]
  sendChatAction: [args: { chat_id: string; message_thread_id?: string; action: 'typing' }, result: true]
  answerCallbackQuery: [args: { callback_query_id: string }, result: true]
  getMyCommands: [args: { language_code?: string }, result: BotCommand[]]
  setMyCommands: [args: { commands: BotCommand[]; language_code?: string }, result: true]
}

export interface ApiFailure {
  ok: false
  /** HTTP status; 0 when there was no answer, 504, as a gateway says without one, when it cannot be read. */
  status: number
  /** What Telegram said, or what broke; free of the token. */
  description: string
  retryAfterMs: number | undefined
  /** Telegram may have done what was asked: the answer got lost, or does not tell. */
  mayHaveArrived: boolean
  /** It did not leave: `CallOptions.mayLeave` said no. */
  isUnsent: boolean
  /** The supergroup a group became. */
  migratedTo: string | undefined
}

export type ApiResult<T> = { ok: true; result: T } | ApiFailure

export interface CallOptions {
  signal?: AbortSignal
  /** Longest wait for the answer, in milliseconds. */
  timeoutMs?: number
  /** Asked when it would leave, which a wait for a connection may delay. */
  mayLeave?(): boolean
}

/** A thin Bot API client: connections are kept, nothing is retried, nothing is thrown. */
export interface BotApi {
  call<M extends keyof Calls>(
    method: M,
    args: Calls[M][0],
    options?: CallOptions,
  ): Promise<ApiResult<Calls[M][1]>>
  close(): Promise<void>
}

export interface ApiOptions {
  token: string
  /** Root address, such as `https://api.telegram.org`; may have a path. */
  root: string
  /** Connections at most. */
  connections?: number
  timeoutMs?: number
}

export function createBotApi({ token, root, connections = 64, timeoutMs = 30_000 }: ApiOptions): BotApi {
  const { origin, pathname } = new URL(root)
  const prefix = `${pathname.replace(/\/+$/, '')}/bot${token}/`
  const pool = new Pool(origin, {
    connections,
    pipelining: 1,
    connect: { timeout: Math.min(10_000, timeoutMs) },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  })
  return {
    async call(method, args, options = {}) {
      try {
        const { status, text } = await exchange(pool, {
          path: prefix + method,
          body: JSON.stringify(args),
          timeoutMs: options.timeoutMs ?? timeoutMs,
          signal: options.signal,
          mayLeave: options.mayLeave,
        })
        return readAnswer(status, text)
      } catch (error) {
        return {
          ...failure(0, describe(error)),
          mayHaveArrived: error instanceof Unanswered && error.mayHaveArrived,
          isUnsent: error instanceof Unsent,
        }
      }
    },
    close: () => pool.destroy(),
  }
}

interface Answer<T> {
  ok?: boolean
  result?: T
  description?: unknown
  parameters?: { retry_after?: unknown; migrate_to_chat_id?: unknown }
}

/**
 * The shape is Telegram's promise for the method called; its absence (a proxy's page) is a failure. A 5xx leaves open
 * what happened, in Telegram's own words too: a Bot API server that restarts answers 500 to messages already on their
 * way, and to one "immediately deleted" after it was sent.
 */
function readAnswer<T>(status: number, text: string): ApiResult<T> {
  const answer = parseAnswer<T>(text)
  if (status === 200 && answer?.ok === true && answer.result !== undefined && answer.result !== null)
    return { ok: true, result: answer.result }
  const isUnreadable = status >= 200 && status < 300
  const description = typeof answer?.description === 'string' ? answer.description : `HTTP ${status}`
  const { retry_after: seconds, migrate_to_chat_id: migrated } = answer?.parameters ?? {}
  return {
    ...failure(isUnreadable ? 504 : status, description),
    mayHaveArrived: isUnreadable || status >= 500,
    retryAfterMs: typeof seconds === 'number' && seconds > 0 ? seconds * 1000 : undefined,
    migratedTo: typeof migrated === 'number' || typeof migrated === 'string' ? String(migrated) : undefined,
  }
}

function parseAnswer<T>(text: string): Answer<T> | undefined {
  try {
    const answer = parseExactly(text)
    return typeof answer === 'object' && answer !== null ? (answer as Answer<T>) : undefined
  } catch {
    return undefined
  }
}

/** An answer that is none, in words of our own. */
export const failure = (status: number, description: string): ApiFailure => ({
  ok: false,
  status,
  description,
  retryAfterMs: undefined,
  mayHaveArrived: false,
  isUnsent: false,
  migratedTo: undefined,
})

function describe(error: unknown): string {
  if (!(error instanceof Error)) return 'no answer'
  return maskSecrets(`no answer from Telegram (${error.name}: ${error.message})`)
}
