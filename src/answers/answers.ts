import type { Contact, Role } from '../model/contact.ts'
import type { Conversation } from '../model/conversation.ts'
import type { Language } from '../model/language.ts'
import type { Reply, StoredMessage } from '../model/message.ts'
import type { Writer } from '../store/store.ts'

/** One burst of messages of one conversation, waiting for one answer. */
export interface Turn {
  id: string
  /** 1 at the first try. */
  attempt: number
  conversation: Conversation
  contact: Contact
  role: Role
  /** The pending messages, in order; at least one. */
  messages: StoredMessage[]
  /** Their texts, one a line. A pressed button's text is its action. */
  text: string
  language: Language
  /** Aborted when the lease is lost or the process stops. */
  signal: AbortSignal
  /** The last `limit` handled messages before this turn, oldest first. */
  history(limit: number): Promise<StoredMessage[]>
  /** Shows the answer so far, whole, where the channel can. */
  preview(text: string): void
}

/** An answer, and why. */
export interface Answer {
  /** In the order they are sent; none means silence on purpose. */
  replies: Reply[]
  /** 0 to 1. */
  confidence: number
  /** Why this answer: rule, score, passages, prompt version, model tries, tokens. Stored as JSON; no secrets. */
  trace: Record<string, unknown>
  /** Tokens and micro-dollars, where a model was asked. */
  usage?: { inputTokens: number; outputTokens: number; costMicroUsd: number }
  /** More to change in the turn's own transaction; not run when the turn commits nothing. */
  commit?: (tx: Writer) => Promise<void>
}

/** One way to answer. The first that returns an answer wins. */
export interface Answerer {
  /** Its folder's name; the `source` of the trace. */
  readonly name: string
  answer(turn: Turn): Promise<Answer | undefined>
}
