import type { BotCommand, InlineKeyboardMarkup, MessageEntity } from '@grammyjs/types'
import type { Limiter } from './limits.ts'

export type ChatKind = 'private' | 'group' | 'supergroup'
export type Person = { id: string; name: string; username: string | undefined; language: string | undefined }

export interface FakeChat {
  readonly id: string
  readonly kind: ChatKind
  title: string
  /** The person of a private chat. */
  person: Person | undefined
  forum: boolean
  topics: Map<number, string>
  /** Why the bot may not write here. */
  state: 'open' | 'blocked' | 'deactivated' | 'kicked' | 'deleted'
  /** The supergroup this group became. */
  upgradedTo: string | undefined
  messages: Map<number, ChatMessage>
}

/** A message in a chat, of the bot or of a person. */
export interface ChatMessage {
  id: number
  fromBot: boolean
  from: Person | undefined
  text: string
  entities: MessageEntity[]
  markup: InlineKeyboardMarkup | undefined
  thread: number | undefined
  date: number
}

/** One call of the bot, as it was made and answered. */
export interface Call {
  method: string
  args: Record<string, unknown>
  /** Milliseconds of the monotonic clock when it arrived. */
  at: number
  /** The HTTP status it got; 0 while or when none was sent. */
  status: number
  description: string
}

/** A message the bot sent and the server took. */
export interface Sent extends ChatMessage {
  chatId: string
  at: number
  /** What Telegram made live in it: mentions, commands, links, tags. */
  found: MessageEntity[]
  /** Entities Telegram would have dropped or changed without a word. */
  lostFormatting: MessageEntity[]
}

export interface Callback {
  id: string
  chatId: string
  madeAt: number
  answers: number
  text: string
}

export interface Draft {
  chatId: string
  draftId: string
  text: string
  at: number
}

export interface QueuedUpdate {
  id: number
  kind: string
  /** Updates of one chat are delivered in order. */
  chatId: string
  body: string
}

export interface Webhook {
  url: string
  secret: string
  maxConnections: number
  lastErrorDate: number | undefined
  lastErrorMessage: string | undefined
}

export interface LongPoll {
  respond(): void
  fail(description: string, delayMs: number): void
}

/** Everything the server knows of one bot. */
export interface Bot {
  readonly id: string
  readonly token: string
  readonly username: string
  readonly name: string
  chats: Map<string, FakeChat>
  nextMessageId: number
  nextUpdateId: number
  /** Not confirmed yet, by id, oldest first. */
  updates: Map<number, QueuedUpdate>
  /** What `getUpdates` and webhooks deliver; `undefined`: all but the kinds that must be asked for. */
  allowedUpdates: string[] | undefined
  webhook: Webhook | undefined
  nextWebhookSetAt: number
  poll: LongPoll | undefined
  nextConflictAt: number
  conflicts: number
  callbacks: Map<string, Callback>
  commands: Map<string, BotCommand[]>
  calls: Call[]
  sent: Sent[]
  drafts: Draft[]
  actions: { chatId: string; action: string; thread: number | undefined; at: number }[]
  limiter: Limiter
  /** Told about every change worth waiting for. */
  changed: () => void
  /** Told when the webhook was set or removed. */
  webhookChanged: () => void
}
