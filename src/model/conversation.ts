import type { Language } from './language.ts'

export type ConversationStatus = 'bot' | 'waiting' | 'human' | 'closed'

/** Where a conversation takes place. */
export interface Place {
  /** The conversation's. */
  id: string
  channel: string
  /** The bot's own identity on the channel (a Telegram bot id, `web`). */
  account: string
  chatId: string
  /** A forum topic; empty where the platform has none. */
  threadId: string
  kind: 'private' | 'group'
}

/** The bot on one channel. */
export type Account = Pick<Place, 'channel' | 'account'>

/** One chat of one channel (and one topic of it), with its own linear history. */
export interface Conversation extends Place {
  status: ConversationStatus
  /** Rises at every change of owner; a turn begun under an older epoch commits nothing. */
  epoch: number
  language: Language | undefined
  /** What was said up to `summarySeq`, in the model's words; empty at first. */
  summary: string
  summarySeq: number
}
