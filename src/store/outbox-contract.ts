import type { Account, Place } from '../model/conversation.ts'
import type { Button } from '../model/message.ts'

export interface NewReply {
  text: string
  buttons: Button[][] | undefined
}

/** A reply about to be sent. */
export interface Delivery {
  conversation: Place
  seq: number
  /** The turn that said it; none for what the bot says of its own accord. */
  turnId: string | undefined
  text: string
  buttons: Button[][] | undefined
  /** How often it was tried before, plus one. */
  attempt: number
  plain: boolean
  /** When the bot said it (milliseconds since the epoch). */
  createdAt: number
  /** A sender died between sending and recording it: the platform may have it already. */
  uncertain: boolean
}

export type DeliveryOutcome =
  | { kind: 'sent'; platformId: string }
  /** `uncounted`: it was no try, as the platform takes nothing from anybody. */
  | { kind: 'retry'; at: number; error: string; plain: boolean; uncounted?: boolean }
  /** Not sent and not counted as a try: the lane waits. */
  | { kind: 'wait'; at: number; plain: boolean }
  | { kind: 'failed'; error: string }
  /** `delivery.uncertain: hold`: left for a human to decide. */
  | { kind: 'uncertain' }

/** What became of a claimed delivery. */
export interface Settlement {
  conversationId: string
  seq: number
  outcome: DeliveryOutcome
}

/** The lane after a settlement. */
export interface Lane {
  /** The next reply, claimed in the same breath; `undefined` when none is due, and the lane is released. */
  next: Delivery | undefined
  /** When the head will be due; `undefined` when the lane is empty. */
  dueAt: number | undefined
}

/** A lane that may have been taken until that time, in milliseconds since the epoch. */
export interface LaneClaim {
  id: string
  until: number
}

/** A conversation nobody works on, and when its work is due. */
export interface Later {
  conversationId: string
  dueAt: number
}

export interface Hastened {
  /** Conversations whose replies are due now. Another process may have hastened some that were found. */
  ids: string[]
  /** No more than these were found. */
  isAll: boolean
}

/** `own`: where given, lanes of other tokens are left alone although their leases are over. */
export interface OutboxReader {
  /** Of these conversations those whose lane is free and whose head is or will be due by `soon`, and when. */
  later(ids: string[], now: number, soon: number, leaseMs: number, own?: string): Promise<Later[]>
  /**
   * Conversations of these accounts whose head is due and whose lane is free, oldest first. `leaseMs`: how long a lane is given
   * for.
   */
  due(
    now: number,
    accounts: readonly Account[],
    limit: number,
    leaseMs: number,
    own?: string,
  ): Promise<string[]>
}

export interface OutboxWriter extends OutboxReader {
  /**
   * Takes the free lanes among these conversations until `until` and marks the head of each, when due, as being
   * sent. At most one delivery a conversation. `earlier`: calls with this token that rejected and may have been durable all
   * the same; a lane they took and nobody since is the caller's, and its head in no more doubt than it was.
   */
  claim(
    conversationIds: string[],
    token: string,
    now: number,
    until: number,
    options?: { earlier?: readonly LaneClaim[]; own?: string | undefined },
  ): Promise<Delivery[]>
  /**
   * Records what became of claimed deliveries and hands out the next of each lane, in the order given. A lane no
   * longer held under this token changes nothing and has no next. Without `until` every lane is released.
   */
  settle(settlements: Settlement[], token: string, now: number, until: number | undefined): Promise<Lane[]>
  /** Extends the lanes still held under this token; returns the conversations that still are. */
  renew(conversationIds: string[], token: string, until: number): Promise<string[]>
  /**
   * Replies of this account that wait after a passing fault are due now, the most patient first, as many as `limit` at most.
   * What was tried after `before` (milliseconds since the epoch) waits on, and what waits because it was told to.
   */
  hasten(account: Account, now: number, before: number, limit: number): Promise<Hastened>
  /** Queues a message of the bot's own accord, for a chat that may be new; returns where it went. */
  post(
    to: { channel: string; account: string; chatId: string; threadId: string; kind: 'private' | 'group' },
    reply: NewReply,
    repliesAre: 'queued' | 'sent',
    now: number,
  ): Promise<{ conversationId: string; seq: number }>
}
