import type { Account } from '../model/conversation.ts'
import type { Button, Incoming, Reply } from '../model/message.ts'

/** What a channel can do, as data. The pipeline asks these, never the channel's name. */
export interface Capabilities {
  /**
   * `push`: replies are sent to the platform. `pull`: a committed reply is delivered by itself, readers fetch
   * the rows by sequence; such a reply is stored as sent and the outbox never sees it.
   */
  delivery: 'push' | 'pull'
  /** The platform refuses a second send with the same key, so that a resend is never seen twice. */
  idempotentSend: boolean
  /** Answers are shown while they are made. */
  preview: boolean
  typing: boolean
  /** How long to wait for a person to finish typing before answering, in milliseconds. */
  quietWindowMs: number
}

/** Where a reply goes. */
export interface Destination {
  conversationId: string
  chatId: string
  threadId: string
  kind: 'private' | 'group'
}

export interface Outgoing extends Destination {
  seq: number
  text: string
  buttons: Button[][] | undefined
  /** Set when the platform refused the markup before: send the text as it is. */
  plain: boolean
  /** When another process may send it, in milliseconds of `steadyClock`: what waited so long is not sent, but told to `wait`. */
  before: number
}

/**
 * `final`: never try again · `markup`: try once more as plain text · `wait`: not before, and not counted as a try ·
 * `retry`: back off · `unknown`: it may have arrived, for the answer got lost or does not tell.
 */
export type SendFault =
  | { kind: 'final'; reason: string }
  | { kind: 'markup'; reason: string }
  /**
   * `scope`: only this chat, or every chat of the account. What a platform did not ask for is 40 seconds at most: a group that has
   * to wait for longer is taken for one whose owner wants it so.
   */
  | { kind: 'wait'; ms: number; scope: 'chat' | 'account'; reason: string }
  | { kind: 'retry'; reason: string }
  /** `isAnswered`: by the platform, which says no more (HTTP 500). Otherwise nothing came back: each try may be a copy. */
  | { kind: 'unknown'; reason: string; isAnswered?: boolean }

/** `ok` with the platform's id of the message (as text), or a classified fault. Never throws. */
export type SendResult = { ok: true; platformId: string } | { ok: false; fault: SendFault }

/**
 * Stores updates; resolves when they are durable (duplicates included), rejects when nothing was stored.
 * Only after it resolves may the platform be told "ok".
 */
export type Accept = (incoming: Incoming[]) => Promise<void>

export interface ChannelStatus {
  state: 'up' | 'starting' | 'down'
  /** For operators; may name hosts, never a token. */
  detail: string
  /**
   * Of a channel that is down, what everybody may know. `refused`: the platform does not accept the bot's token;
   * `unreachable`: it cannot be reached; `taken`: another program fetches the bot's messages; `unfetched`: no process does.
   */
  fault?: 'refused' | 'unreachable' | 'taken' | 'unfetched'
}

/** Turns platform bytes into messages of our model and back. It never stores, queues, retries or decides. */
export interface Channel {
  readonly name: string
  readonly account: string
  readonly capabilities: Capabilities
  /** Splits a reply into parts the platform takes, in order. Markdown and code stay whole in each part. */
  split(reply: Reply): Reply[]
  send(message: Outgoing): Promise<SendResult>
  /** Shows the answer so far. Best effort: never throws, may skip. */
  preview?(destination: Destination, turnId: string, text: string): void
  /** Shows that the bot is working, until it sends or a few seconds pass. Best effort, never throws. */
  typing?(destination: Destination): void
  /** Called after an update is durable (again for a duplicate): callback acknowledgements and the like. Best effort. */
  accepted?(incoming: Incoming): void
  /** Called instead for a press that is not stored, because its message has no such button. Best effort. */
  ignored?(incoming: Incoming): void
  /** Begins receiving where the channel fetches by itself (polling). */
  start?(accept: Accept): Promise<void>
  /** Stops receiving and waits for what is in flight. */
  stop?(): Promise<void>
  /** For the probes: is the platform reachable and receiving? */
  status(): ChannelStatus
}

/** The accounts these channels run as. */
export const accountsAmong = (channels: ReadonlyMap<string, Channel>): Account[] =>
  [...channels.values()].map(({ name, account }) => ({ channel: name, account }))
