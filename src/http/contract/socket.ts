import { z } from 'zod'

/** The largest text a person may send, in UTF-16 units. */
export const maxTextLength = 2000
/** The largest frame accepted from a page, in bytes. */
export const maxFrameBytes = 16_384
/** How many messages a page of history has. */
export const historyPage = 50

const id = z.uuid()
const seq = z.number().int().nonnegative()

/** Frames from the page. A session is a conversation of this visitor; its id is made by the page. */
export const clientFrame = z.discriminatedUnion('type', [
  /** Shows a session and follows it. `after`: the last sequence the page has (0: none); the answer is `opened`. */
  z.object({ type: z.literal('open'), session: id, after: seq }),
  /** `id` is the message's own: sent again after a reconnect, it is still stored once. The answer is `accepted`. */
  z.object({ type: z.literal('send'), session: id, id, text: z.string().min(1).max(maxTextLength) }),
  /** A button of message `seq` (0: the greeting) was pressed. The answer is `accepted`. */
  z.object({ type: z.literal('press'), session: id, id, seq, action: z.string().min(1).max(64) }),
  /** The last messages before `before`, as many as a frame carries, 50 at most; the answer is `history`. */
  z.object({ type: z.literal('history'), session: id, before: seq }),
  /** The answer is `sessions`. */
  z.object({ type: z.literal('sessions') }),
  /** Keeps the connection alive through proxies; the answer is `pong`. */
  z.object({ type: z.literal('ping') }),
])
export type ClientFrame = z.infer<typeof clientFrame>

export interface PageButton {
  label: string
  action: string
}

export interface PageMessage {
  /** 1, 2, 3 … within the session, without gaps. */
  seq: number
  author: 'contact' | 'bot' | 'staff'
  /** Markdown from bot and staff, plain text from the contact; for a pressed button its label. */
  text: string
  buttons?: PageButton[][]
  /** The client's own id of a message it sent. */
  id?: string
  /** The turn that produced it: a preview of the same turn is replaced by it. */
  turn?: string
  /** Milliseconds since the epoch. */
  at: number
}

export interface PageSession {
  session: string
  title: string
  updatedAt: number
}

/** Frames to the page. */
export type ServerFrame =
  /** First frame of a connection. `greeting` is shown in an empty session; it is not a message. */
  | {
      type: 'hello'
      version: string
      bot: { name: string; tagline: string }
      greeting: { text: string; buttons?: PageButton[][] }
      language: string
    }
  /**
   * `messages`: the next after `after`, or with `reset` the last of the session, and the page drops what it had. As many
   * as a frame carries, 50 at most: later ones follow as `messages`. `more`: older ones exist.
   */
  | { type: 'opened'; session: string; messages: PageMessage[]; more: boolean; reset: boolean }
  /** Stored durably as `seq`. */
  | { type: 'accepted'; session: string; id: string; seq: number }
  /** New committed messages, the next sequences of the session. */
  | { type: 'messages'; session: string; messages: PageMessage[] }
  /** The answer so far, whole. A higher `attempt` of the same turn starts the bubble anew. Not a message. */
  | { type: 'preview'; session: string; turn: string; attempt: number; text: string }
  /** A message of the bot ends it as well. */
  | { type: 'typing'; session: string; active: boolean }
  | { type: 'history'; session: string; messages: PageMessage[]; more: boolean }
  | { type: 'sessions'; sessions: PageSession[] }
  | { type: 'pong' }
  /** `id`: the message refused. `retryAfterMs`: when to try again. */
  | { type: 'error'; code: string; message: string; id?: string; retryAfterMs?: number }

/** `GET /api/version` */
export interface VersionReport {
  version: string
  commit: string
  builtAt: string | null
  startedAt: string
  uptimeSeconds: number
}

/**
 * `fault`: why it is down, where everybody may know; `refused`: its platform does not accept the bot's token,
 * `unreachable`: its platform cannot be reached, `taken`: another program fetches the bot's messages, `unfetched`: no
 * process does.
 */
export interface ChannelReport {
  name: string
  state: 'up' | 'starting' | 'down'
  detail: string
  fault?: 'refused' | 'unreachable' | 'taken' | 'unfetched'
}

/** Why a model does not answer, by what has to be done about it; `budget`: it is not asked, for want of money. */
export type ModelFault =
  | 'key'
  | 'credit'
  | 'model'
  | 'limit'
  | 'down'
  | 'slow'
  | 'network'
  | 'unknown'
  | 'budget'

/** `GET /api/status`: what the landing page shows. */
export interface StatusReport extends VersionReport {
  bot: { name: string; tagline: string }
  database: { kind: 'sqlite' | 'postgres'; state: 'up' | 'down' }
  channels: ChannelReport[]
  /** The model in use, one that costs nothing where there is no money for others; `null` when none is configured. */
  model: string | null
  /** Why the last question to it got no answer, or why it is not asked; `null` when it got one, or none was asked yet. */
  modelFault: ModelFault | null
}
