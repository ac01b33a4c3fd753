import type { Contact } from '../model/contact.ts'
import type { Account, Conversation, ConversationStatus } from '../model/conversation.ts'
import type { Language } from '../model/language.ts'
import type { CallLimits, CallRefusal, MessageLimits, OverLimit } from '../model/limits.ts'
import type { Button, Incoming, Said, StoredMessage } from '../model/message.ts'
import type { Moment } from '../model/moment.ts'
import type { AccountReader, AccountWriter } from './account-contract.ts'
import type { BudgetReader, BudgetWriter } from './budget-contract.ts'
import type { Delivery, Later, NewReply, OutboxReader, OutboxWriter } from './outbox-contract.ts'
import type { RetentionReader, RetentionWriter } from './retention-contract.ts'
import type { WriteOptions } from './dialect/dialect.ts'
import type { DeadLetterReader, DeadLetterWriter } from './dead-letter-contract.ts'

export type { AccountBacklog, AccountReader, AccountWriter } from './account-contract.ts'
export type {
  BudgetDay,
  BudgetLimit,
  BudgetMark,
  BudgetReader,
  BudgetWriter,
  NewReservation,
  ReserveVerdict,
} from './budget-contract.ts'
export type {
  Delivery,
  DeliveryOutcome,
  Lane,
  LaneClaim,
  Later,
  NewReply,
  OutboxReader,
  OutboxWriter,
  Settlement,
} from './outbox-contract.ts'
export { backupLeases, provenAt, provenFor, recordedProof, recordProof } from './backup-contract.ts'
export { isExhausted } from './budget-contract.ts'
export { isAhead } from './lease-time.ts'
export { retentionDue, retentionLeases } from './retention-contract.ts'
export type { Deleted, RetentionReader, RetentionWriter } from './retention-contract.ts'
export type {
  DeadLetter,
  DeadLetterReader,
  DeadLetterWriter,
  LetterKey,
} from './dead-letter-contract.ts'

/** The truth. Reading is free; writing happens only inside `write`. */
export interface Store {
  readonly read: Reader
  /**
   * Runs `work` in a transaction and resolves when it is durable, or earlier where `options` say so. Several may share one
   * commit, so `work` must await nothing but `tx`. When `work` throws, its own changes are rolled back and the error is passed
   * on.
   */
  write<T>(work: (tx: Writer) => Promise<T>, options?: WriteOptions): Promise<T>
  /**
   * The longest pause, in milliseconds, that pays between two transactions of one kind, so that more shares the second; 0
   * where all kinds share commits anyway.
   */
  readonly gatherMs: number
  /** Resolves when the database answers, takes what is written, and this version works on the schema; rejects with a `ParleyError` otherwise. */
  check(): Promise<void>
  /** Migrations of newer versions in the database, all of which let this one go on; rejects where `check` does for the schema. */
  schemaAhead(): Promise<string[]>
  /** When this installation began: its first migration was applied (milliseconds since the epoch). */
  begunAt(): Promise<number | undefined>
  /** Busy and open connections, 0 to 1 of the pool. */
  poolUsage(): number
  close(): Promise<void>
}

export interface Reader {
  conversations: ConversationReader
  messages: MessageReader
  turns: TurnReader
  outbox: OutboxReader
  deadLetters: DeadLetterReader
  accounts: AccountReader
  handoffs: HandoffReader
  budget: BudgetReader
  limits: LimitReader
  leases: LeaseReader
  retention: RetentionReader
}

export interface Writer extends Reader {
  inbox: InboxWriter
  turns: TurnWriter
  outbox: OutboxWriter
  deadLetters: DeadLetterWriter
  accounts: AccountWriter
  conversations: ConversationWriter
  handoffs: HandoffWriter
  limits: LimitWriter
  leases: LeaseWriter
  budget: BudgetWriter
  retention: RetentionWriter
}

export interface ConversationReader {
  get(id: string): Promise<Conversation | undefined>
  find(channel: string, account: string, chatId: string, threadId: string): Promise<Conversation | undefined>
  /** A contact's conversations, the latest first, with the first thing the person said as the title. */
  listOfContact(channel: string, contactPlatformId: string, limit: number): Promise<ConversationListItem[]>
}

export interface ConversationListItem {
  id: string
  chatId: string
  title: string
  updatedAt: number
}

export interface ConversationWriter extends ConversationReader {
  /** Changes the owner: the status is set and the epoch rises, so that a turn in progress commits nothing. */
  changeOwner(id: string, status: ConversationStatus, now: number): Promise<void>
  summarize(id: string, summary: string, summarySeq: number): Promise<void>
}

export interface SaidRange {
  conversationId: string
  after: number
  before: number
  limit: number
}

export interface MessageReader {
  /** The last `limit` messages with `seq < before`, oldest first. */
  page(conversationId: string, range: { before?: number; limit: number }): Promise<StoredMessage[]>
  /**
   * Of each conversation asked about, the last `limit` of what was said with `after < seq < before`, oldest first: messages
   * that were handled, and replies that were not given up, of the thousand before `before`. An edit is in the message it
   * changed.
   */
  said(asked: readonly SaidRange[]): Promise<Said[][]>
  /** The first `limit` messages with `seq > after`, oldest first. */
  since(conversationId: string, after: number, limit: number): Promise<StoredMessage[]>
  /**
   * The buttons under a message of this chat, in whichever thread, by the platform's id of it; `undefined` where no such
   * message has any.
   */
  buttonsOf(
    chat: { channel: string; account: string; chatId: string },
    platformId: string,
  ): Promise<Button[][] | undefined>
  /**
   * What waits for these accounts, counted up to `most` of each kind, so that it costs the same however much there is. Where it
   * is `most` in all, replies that a platform told to wait in a group, for more than 40 seconds at a time, are read past: nobody
   * can do anything about them.
   * `now`: milliseconds since the epoch.
   */
  waiting(accounts: readonly Account[], most: number, mostOfChat: number, now: number): Promise<Waiting>
  /**
   * Since when the oldest waits of what can be taken up (milliseconds since the epoch): an update, or a reply but for those that
   * `waiting` reads past.
   */
  waitingSince(now: number): Promise<number | undefined>
  /** How many updates wait to be handled and replies to be sent, and the oldest of them (milliseconds since the epoch). */
  backlog(): Promise<{ received: number; queued: number; oldest: number | undefined; failed: number }>
}

/** Messages without an answer, replies unsent, and the chats (`placeKey`) that have too many of both. */
export interface Waiting {
  received: number
  queued: number
  /** Empty where there are as many messages as were to be counted. */
  crowded: string[]
}

/** An update, and how long the person may still be typing before a turn begins, in milliseconds. */
export interface Arrival {
  incoming: Incoming
  quietMs: number
  /** Not counted against any limit: staff. */
  immune?: boolean
}

/** What messages are counted against, and when the hour and the day they arrive in end. */
export interface Counting extends Pick<Moment, 'hourEnd' | 'dayEnd'> {
  limits: MessageLimits
}

export interface Accepted {
  conversationId: string
  seq: number
  /** Nothing was stored: this update was before, or is an edit of which no row is kept. */
  duplicate: boolean
  /**
   * Whether it waits for a turn: an edit does only where it says something else while its conversation is being answered,
   * what is over a limit only with a word about it.
   */
  pending: boolean
  /** When its turn may begin (milliseconds since the epoch). */
  dueAt: number
  /** Why it is not answered, when it is not. */
  over?: OverLimit | undefined
}

export interface InboxWriter {
  /**
   * Stores each update once, in the order given, with the contact and conversation it belongs to; but no edit that neither
   * asks nor changes a question, or of somebody blocked or banned: of those there may be any number. With `counting`, what is
   * new is counted for its contact, exactly, whichever process it came to; of what is over a limit and gets no word about it
   * the beginning is stored.
   */
  accept(arrivals: Arrival[], now: number, counting?: Counting): Promise<Accepted[]>
}

/** A lease was taken: everything a turn needs to begin. */
export interface TakenTurn {
  conversation: Conversation
  contact: Contact
  /** In order; at most 200. What waits behind them is the next turn. */
  pending: StoredMessage[]
  /** When the turn might have begun (milliseconds since the epoch). */
  dueAt: number
  /** How often these messages were taken before, plus one. */
  attempt: number
}

export interface TurnRecord {
  id: string
  /** Which answerer, or `none`. */
  source: string
  confidence: number
  trace: Record<string, unknown>
  inputTokens: number
  outputTokens: number
  costMicroUsd: number
  /** Kept to the whole, from 0 to some 24 days. */
  durationMs: number
  startedAt: number
}

export interface StoredTurn extends TurnRecord {
  conversationId: string
  attempt: number
}

export interface TurnCommit {
  conversationId: string
  token: string
  epoch: number
  /** Handles the pending messages up to this sequence. */
  through: number
  language: Language
  attempt: number
  turn: TurnRecord
  replies: NewReply[]
  /** `queued` for channels that push, `sent` for channels whose readers fetch. */
  repliesAre: 'queued' | 'sent'
}

/** Conversations whose first reply the caller can send at once, and until when it then holds their lanes. */
export interface SendRoom {
  until: number
  conversationIds: ReadonlySet<string>
}

export interface TurnCommitted {
  lastSeq: number
  /** Since when further messages wait, if any do. */
  pendingSince: number | undefined
  /** The first reply, claimed to be sent; `undefined` when others are before it, or somebody else is sending them. */
  delivery: Delivery | undefined
  /** It was stored by an earlier call, which may have rejected all the same. */
  isRepeated: boolean
}

export interface TurnReader {
  ofMessage(conversationId: string, seq: number): Promise<StoredTurn | undefined>
  /**
   * Conversations of these accounts with pending messages and no live lease, oldest first. `leaseMs`: how long a lease is given
   * for. `own`: as in `TurnWriter.take`.
   */
  waiting(
    now: number,
    accounts: readonly Account[],
    limit: number,
    leaseMs: number,
    own?: string,
  ): Promise<string[]>
  /** Of these conversations those that wait, are not due and nobody works on, and when they will be due. */
  later(ids: string[], now: number, leaseMs: number): Promise<Later[]>
}

export interface TurnWriter extends TurnReader {
  /**
   * Takes the lease of each conversation that is free and has pending messages due, until `until`; others are
   * left out of the result. `own`: where given, leases of other tokens are left alone although they are over.
   */
  take(
    conversationIds: string[],
    token: string,
    now: number,
    until: number,
    own?: string,
  ): Promise<TakenTurn[]>
  /** Extends the leases still held under this token; returns the conversations that still are. */
  renew(conversationIds: string[], token: string, until: number): Promise<string[]>
  /**
   * Commits each turn whose lease token and epoch still hold: messages handled, replies stored, turn recorded, lease
   * released. Tells the last sequence of the conversation and whether more messages wait, or `undefined` where the
   * lease or the ownership was lost and nothing changed; in the order given. Claims the first reply of a turn there is
   * `room` for, when nothing else is to be sent in its conversation. A turn that is stored already is not stored again: its
   * first reply is handed out as long as its lane is held under this token and there is `room`.
   */
  commit(commits: TurnCommit[], now: number, room?: SendRoom): Promise<(TurnCommitted | undefined)[]>
  /**
   * Gives the lease back without an answer; the messages are due again at `retryAt`. `counts`: whether it was a try.
   */
  release(conversationId: string, token: string, retryAt: number, counts: boolean): Promise<void>
}

export interface Handoff {
  id: string
  conversationId: string
  /** Who asked. */
  contactId: string
  reason: string
  /** What the contact said last, and the addresses left since. */
  summary: string
  createdAt: number
  /** Notes sent to the team about it. */
  notes: number
  /** When the latest of them was queued; `undefined` when none was. */
  notedAt: number | undefined
}

export interface HandoffReader {
  open(limit: number): Promise<Handoff[]>
  /** The latest still open one of this contact, in whichever conversation. */
  openOf(contactId: string): Promise<Handoff | undefined>
  /** Ids of at most two open ones that end so, or whose conversations' ids do. */
  find(ending: string): Promise<string[]>
  /**
   * Notes about requests made through this channel in `after < time <= until`. All of a request count at the time of its
   * latest, so there were at most as many.
   */
  notes(channel: string, after: number, until: number): Promise<number>
}

export interface HandoffWriter extends HandoffReader {
  /** Stores it; one that is stored changes its summary and notes. */
  offer(handoff: Handoff): Promise<void>
  /** Closes the open ones of this id, their own or their conversation's; returns their own. */
  close(id: string): Promise<string[]>
}

/** A contact who is not answered now. */
export interface RestrictedContact {
  channel: string
  platformId: string
  name: string
  state: 'limited' | 'banned' | 'blocked'
  /** Milliseconds since the epoch; `undefined`: for good. */
  until: number | undefined
}

export interface LimitReader {
  /** Who is blocked, banned, or over a limit at `now`; in this order, whom it holds longest first. */
  restricted(now: number, limit: number): Promise<RestrictedContact[]>
}

export interface LimitWriter extends LimitReader {
  /** Unblocks and forgets all that was counted; false when there is no such contact. */
  lift(channel: string, platformId: string): Promise<boolean>
  /** Answers this contact no more until then, `undefined`: for good; false when there is no such contact. */
  ban(channel: string, platformId: string, until: number | undefined): Promise<boolean>
  /** Takes a model call of each contact, in the order given: the refusal of those who have none left. */
  takeCalls(
    contactIds: readonly string[],
    moment: Pick<Moment, 'now' | 'dayEnd'>,
    limits: CallLimits,
  ): Promise<(CallRefusal | undefined)[]>
}

export interface LeaseReader {
  /** When it ends; `undefined` when nobody ever held it, or it was released. */
  until(name: string): Promise<number | undefined>
  /** Until when it is closed; not later than `now` where it is not. */
  closedUntil(name: string, now: number): Promise<number>
  /** Since when it is closed; `undefined` where it is not. */
  closedSince(name: string, now: number): Promise<number | undefined>
}

export interface LeaseWriter extends LeaseReader {
  /** Takes or extends a named lease; false when somebody else holds it. */
  hold(name: string, holder: string, now: number, until: number): Promise<boolean>
  release(name: string, holder: string): Promise<void>
  /**
   * Nobody's until then, or for longer where it was closed for longer by a clock that was not ahead of `now`; a name of its
   * own, which nobody holds.
   */
  close(name: string, now: number, until: number): Promise<void>
  open(name: string): Promise<void>
}
