import type { Contact, Role } from '../model/contact.ts'
import type { Conversation } from '../model/conversation.ts'
import type { Language } from '../model/language.ts'
import type { Reply, Said, StoredMessage } from '../model/message.ts'
import type { Charge } from '../model/money.ts'
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
  /** These are what is left of a burst: the rest of it was answered already. */
  isRest?: true
  /** Aborted when the lease is lost or the process stops. */
  signal: AbortSignal
  /** The last `limit` handled messages before this turn and after sequence `after`, oldest first. */
  history(limit: number, after?: number): Promise<Said[]>
  /** Shows the answer so far, whole, where the channel can. */
  preview(text: string): void
  /** Takes what a model cost for this turn, to be settled in the turn's own transaction. */
  charge(charge: Charge): void
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
  /**
   * Messages of the burst, or what of their text, this answer did not consider: those behind are asked about them, and add
   * their replies.
   */
  leaves?: StoredMessage[]
}

/**
 * Why an answerer that might have answered did not: `no_match` knows nothing about it · `no_model` none is
 * configured · `model_failed` all of them failed · `model_locked` so, and until somebody mends key or account · `model_refused` the provider's filter · `budget_spent` the day's
 * money for models does not suffice · `call_limit` this person has asked the model as often as they may · `frustrated`
 * the person is, `complaint` they complain about whoever runs the bot, `contact` they ask how the team is reached: whoever
 * answers had better offer a human.
 */
export type DeclineReason =
  | 'no_match'
  | 'no_model'
  | 'model_failed'
  | 'model_locked'
  | 'model_refused'
  | 'budget_spent'
  | 'call_limit'
  | 'frustrated'
  | 'complaint'
  | 'contact'

/** What the answerers of one turn tell those asked after them, and the trace. */
export interface Asked {
  readonly declined: readonly DeclineReason[]
  /** When whoever declined may be asked again, where that is known (milliseconds since the epoch). */
  readonly again?: number | undefined
  /** Call it before returning `undefined`; `trace` is stored with the turn (no secrets). `again`: see above. */
  decline(reason: DeclineReason, trace?: Record<string, unknown>, again?: number): void
}

/** One way to answer. The first that returns an answer wins. */
export interface Answerer {
  /** Its folder's name; the `source` of the trace. */
  readonly name: string
  /** Asked even while a human owns the conversation (commands). */
  readonly besideHumans?: true
  /** `undefined`: not mine, the next is asked. */
  answer(turn: Turn, asked?: Asked): Promise<Answer | undefined>
}

/** An answer and the answerer it came from: its name, or `blocked`, `limit`, `human`, `apology`. */
export interface SourcedAnswer extends Answer {
  source: string
}

/** The ordered list of answerers, as the pipeline sees it. */
export interface Answers {
  /** Throws when the turn was aborted (the signal's reason), or when every answerer failed: try the turn again. */
  answer(turn: Turn): Promise<SourcedAnswer>
  /** What to say when the turn failed for good, `attempt` times. */
  apology(turn: Turn, attempt: number): SourcedAnswer
}
