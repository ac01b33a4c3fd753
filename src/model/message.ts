import type { Language } from './language.ts'
import type { OverLimit } from './limits.ts'

/** A button under a reply. `action` comes back when it is pressed: at most 64 bytes of UTF-8. */
export interface Button {
  label: string
  action: string
}

/** What the bot says: Markdown (CommonMark), and rows of buttons. */
export interface Reply {
  text: string
  buttons?: Button[][]
}

/** What a person did: wrote, pressed a button (`text` is its action), or edited an earlier message. */
export type IncomingKind = 'text' | 'button' | 'edit'

/** One update of a platform, translated. Not stored yet. */
export interface Incoming {
  channel: string
  account: string
  /** Unique in its conversation; the same update always carries the same one. */
  updateId: string
  chat: { id: string; thread: string; kind: 'private' | 'group' }
  sender: { id: string; name: string; language: Language | undefined }
  kind: IncomingKind
  text: string
  /** The platform's id of the message written, pressed on or edited; empty where there is none. */
  platformId: string
  /** What the channel needs to acknowledge or answer this update; stored as it is. */
  extra?: Record<string, string>
}

/** Names a chat among all channels. */
export const chatKey = ({ channel, account, chat }: Incoming): string =>
  placeKey(channel, account, chat.id, chat.thread)

/** The same of its parts. */
export const placeKey = (channel: string, account: string, chatId: string, thread: string): string =>
  JSON.stringify([channel, account, chatId, thread])

export type MessageAuthor = 'contact' | 'bot' | 'staff'

/** received → handled (in); queued → sending → sent, or failed, or uncertain, which an operator may queue again or drop (out). */
export type MessageState =
  | 'received'
  | 'handled'
  | 'queued'
  | 'sending'
  | 'sent'
  | 'failed'
  | 'uncertain'
  | 'dropped'

/** A row of the linear history of a conversation. */
export interface StoredMessage {
  conversationId: string
  /** 1, 2, 3 … within the conversation, without gaps, in both directions. */
  seq: number
  author: MessageAuthor
  contactId: string | undefined
  kind: IncomingKind
  text: string
  buttons: Button[][] | undefined
  language: Language | undefined
  platformId: string
  state: MessageState
  /** The turn that handled it (in) or produced it (out). */
  turnId: string | undefined
  /** Platform or client id of the update it came as (in); empty for replies. */
  updateId: string
  extra: Record<string, string> | undefined
  /** Milliseconds since the epoch. */
  createdAt: number
  /** Set for what is not answered. */
  over?: OverLimit
}

/** What was said before, as far as an answer looks at it. */
export type Said = Pick<StoredMessage, 'seq' | 'author' | 'kind' | 'text' | 'buttons' | 'extra' | 'createdAt'>
