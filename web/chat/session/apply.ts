import type { ServerFrame } from '../../../src/http/contract/socket.ts'
import { applyFrame } from './apply-frame.ts'
import type { ChatState, Connection, Draft, View } from './state.ts'
import { viewOf } from './state.ts'

/** Everything that can happen to the page. */
export type ChatEvent =
  | { type: 'frame'; frame: ServerFrame }
  | { type: 'connection'; connection: Connection }
  /** The session on screen changes. */
  | { type: 'shown'; session: string }
  /** The session was asked for: what is heard from now on is newer than the answer may be. */
  | { type: 'asked'; session: string }
  | { type: 'olderAsked'; session: string }
  | { type: 'drafted'; draft: Draft }
  | { type: 'retried'; id: string }
  | { type: 'discarded'; id: string }
  /** Nothing was heard of the answer in the making for too long. */
  | { type: 'fellSilent'; session: string; what: 'typing' | 'preview' }
  | { type: 'noticeClosed' }

/** The next state of the page. Pure. */
export function apply(state: ChatState, event: ChatEvent): ChatState {
  switch (event.type) {
    case 'frame':
      return applyFrame(state, event.frame)
    case 'connection':
      return connectionChanged(state, event.connection)
    case 'shown':
      return { ...state, current: event.session, notice: undefined }
    case 'asked':
      return withView(state, event.session, { highest: 0 })
    case 'olderAsked':
      return withView(state, event.session, { loadingOlder: true })
    case 'fellSilent':
      return withView(
        state,
        event.session,
        event.what === 'typing' ? { typing: false } : { preview: undefined },
      )
    case 'drafted':
      return { ...state, drafts: [...state.drafts, event.draft] }
    case 'retried':
      return {
        ...state,
        drafts: state.drafts.map((draft) => (draft.id === event.id ? revived(draft) : draft)),
      }
    case 'discarded':
      return { ...state, drafts: state.drafts.filter((draft) => draft.id !== event.id) }
    case 'noticeClosed':
      return { ...state, notice: undefined }
  }
}

const revived = (draft: Draft): Draft =>
  draft.state === 'failed' ? { ...draft, state: 'pending', reason: undefined, putOff: undefined } : draft

function withView(state: ChatState, session: string, changes: Partial<View>): ChatState {
  return { ...state, views: { ...state.views, [session]: { ...viewOf(state, session), ...changes } } }
}

/** A cut connection takes with it what only lived on it: previews, typing, questions for older messages. */
function connectionChanged(state: ChatState, connection: Connection): ChatState {
  if (connection === 'online') return { ...state, connection }
  const quiet = (view: View): View => ({ ...view, typing: false, loadingOlder: false })
  const views = Object.fromEntries(
    Object.entries(state.views).map(([session, view]) => [session, quiet(view)]),
  )
  return { ...state, connection, views }
}
