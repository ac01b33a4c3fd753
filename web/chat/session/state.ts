import type { PageMessage, PageSession, ServerFrame } from '../../../src/http/contract/socket.ts'

/** What the person wrote or pressed and the server has not yet shown as a message of the session. */
export interface Draft {
  id: string
  session: string
  /** For a pressed button its label. */
  text: string
  /** Set for a pressed button: the message it stands under (0: the greeting) and what it does. */
  press?: { seq: number; action: string }
  at: number
  /** `accepted`: durable on the server, its message is on the way. */
  state: 'pending' | 'accepted' | 'failed'
  /** The sequence it was stored as. */
  seq?: number
  /** Why it failed or was put off: a code of the server's error catalogue. */
  reason?: string
  /** How often the server put it off; undefined: never. */
  putOff?: number
}

/** The answer as it is being made. Never a message: the committed one of the same turn takes its place. */
export interface Preview {
  turn: string
  attempt: number
  text: string
}

/** What the page knows of one session. */
export interface View {
  /** Contiguous by sequence and free of duplicates, whatever arrives. */
  messages: PageMessage[]
  /** The server has shown us this session at least once. */
  opened: boolean
  /** Older messages exist on the server. */
  more: boolean
  loadingOlder: boolean
  /** The highest sequence heard of since the session was last asked for; above our last one there is a gap. */
  highest: number
  preview: Preview | undefined
  typing: boolean
}

export type Connection = 'connecting' | 'online' | 'offline'
export type Hello = Extract<ServerFrame, { type: 'hello' }>

export interface ChatState {
  connection: Connection
  hello: Hello | undefined
  /** The session on screen. */
  current: string
  views: Record<string, View>
  drafts: Draft[]
  /** Undefined until the server has listed them. */
  sessions: PageSession[] | undefined
  /** The last refusal that belongs to no message: a code of the server's error catalogue. */
  notice: { code: string; message: string } | undefined
}

export const emptyView: View = {
  messages: [],
  opened: false,
  more: false,
  loadingOlder: false,
  highest: 0,
  preview: undefined,
  typing: false,
}

/** A message put off more often than this has failed. */
export const mostPutOff = 8

export const initialState = (current: string, drafts: Draft[]): ChatState => ({
  connection: 'connecting',
  hello: undefined,
  current,
  views: {},
  drafts,
  sessions: undefined,
  notice: undefined,
})

export const viewOf = (state: ChatState, session: string): View => state.views[session] ?? emptyView

/** The last sequence the page has of a session; 0 when it has none. */
export const lastSeq = (view: View): number => view.messages.at(-1)?.seq ?? 0

/** Messages are missing: the session must be asked for again. */
export const isBehind = (view: View): boolean => view.opened && view.highest > lastSeq(view)
