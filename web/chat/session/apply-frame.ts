import type { ServerFrame } from '../../../src/http/contract/socket.ts'
import { append, newestRun, prepend } from './sequence.ts'
import type { ChatState, Draft, View } from './state.ts'
import { lastSeq, mostPutOff, viewOf } from './state.ts'

type Frame<T extends ServerFrame['type']> = Extract<ServerFrame, { type: T }>

/** The next state after a frame of the server. Pure; frames may come twice, late or with gaps between them. */
export function applyFrame(state: ChatState, frame: ServerFrame): ChatState {
  switch (frame.type) {
    case 'hello':
      return { ...state, hello: frame, connection: 'online', notice: undefined }
    case 'opened':
      return change({ ...state, notice: undefined }, frame.session, (view) => opened(view, frame))
    case 'messages':
      return change(state, frame.session, (view) => messages(view, frame))
    case 'history':
      return change(state, frame.session, (view) => history(view, frame))
    case 'preview':
      return change(state, frame.session, (view) => preview(view, frame))
    case 'typing':
      return change(state, frame.session, (view) => ({ ...view, typing: frame.active }))
    case 'accepted':
      return accepted(state, frame)
    case 'sessions':
      return { ...state, sessions: frame.sessions }
    case 'error':
      return refused(state, frame)
    case 'pong':
      return state
  }
}

/** Changes the view of a session, then lets go of what no longer belongs beside its messages. */
function change(state: ChatState, session: string, next: (view: View) => View): ChatState {
  const view = withoutStalePreview(next(viewOf(state, session)))
  return {
    ...state,
    views: { ...state.views, [session]: view },
    drafts: unsettled(state.drafts, session, view),
  }
}

function unsettled(drafts: Draft[], session: string, view: View): Draft[] {
  if (drafts.length === 0) return drafts
  const ids = new Set(view.messages.map((message) => message.id))
  const settled = (draft: Draft) =>
    ids.has(draft.id) || (draft.seq !== undefined && draft.seq <= lastSeq(view))
  return drafts.filter((draft) => draft.session !== session || !settled(draft))
}

function withoutStalePreview(view: View): View {
  const turn = view.preview?.turn
  if (turn === undefined || !view.messages.some((message) => message.turn === turn)) return view
  return { ...view, preview: undefined, typing: false }
}

function opened(view: View, frame: Frame<'opened'>): View {
  const first = Math.min(...frame.messages.map((message) => message.seq))
  const afresh =
    frame.reset || view.messages.length === 0 || (frame.messages.length > 0 && first > lastSeq(view) + 1)
  const held = afresh ? newestRun(frame.messages) : append(view.messages, frame.messages)
  const more = afresh ? frame.more : view.more
  // The answer may have come with it.
  const typing = view.typing && held.at(-1)?.author === 'contact'
  return { ...view, messages: held, more, opened: true, loadingOlder: false, preview: undefined, typing }
}

function messages(view: View, frame: Frame<'messages'>): View {
  const highest = Math.max(view.highest, ...frame.messages.map((message) => message.seq))
  if (!view.opened) return { ...view, highest }
  const held = append(view.messages, frame.messages)
  const answered = held.slice(view.messages.length).some((message) => message.author !== 'contact')
  return { ...view, highest, messages: held, typing: view.typing && !answered }
}

function history(view: View, frame: Frame<'history'>): View {
  if (view.messages.length === 0) return { ...view, loadingOlder: false }
  const held = prepend(view.messages, frame.messages)
  const grew = held !== view.messages || frame.messages.length === 0
  return { ...view, messages: held, more: grew ? frame.more : view.more, loadingOlder: false }
}

function preview(view: View, frame: Frame<'preview'>): View {
  const shown = view.preview
  if (shown?.turn === frame.turn && frame.attempt < shown.attempt) return view
  return { ...view, preview: { turn: frame.turn, attempt: frame.attempt, text: frame.text } }
}

/** Our own message is stored: it becomes a message at once when it is the next one, else it waits for the others. */
function accepted(state: ChatState, frame: Frame<'accepted'>): ChatState {
  const draft = state.drafts.find((one) => one.id === frame.id)
  const marked: ChatState = {
    ...state,
    drafts: state.drafts.map((one) => (one === draft ? { ...one, state: 'accepted', seq: frame.seq } : one)),
  }
  return change(marked, frame.session, (view) => {
    const highest = Math.max(view.highest, frame.seq)
    if (!draft || !view.opened) return { ...view, highest }
    const own = { seq: frame.seq, author: 'contact' as const, text: draft.text, id: draft.id, at: draft.at }
    return { ...view, highest, messages: append(view.messages, [own]) }
  })
}

/** A refusal that will pass puts the message off, any other fails it; without a message it concerns the page. */
function refused(state: ChatState, frame: Frame<'error'>): ChatState {
  const { id, code, message, retryAfterMs } = frame
  if (id === undefined) {
    const asked = { ...viewOf(state, state.current), loadingOlder: false }
    return { ...state, notice: { code, message }, views: { ...state.views, [state.current]: asked } }
  }
  const draft = state.drafts.find((one) => one.id === id && one.state === 'pending')
  if (!draft) return state
  const putOff = (draft.putOff ?? 0) + 1
  if (retryAfterMs !== undefined && putOff <= mostPutOff) {
    const waiting = { ...draft, putOff, reason: code }
    return { ...state, drafts: state.drafts.map((one) => (one === draft ? waiting : one)) }
  }
  return { ...state, drafts: failed(state.drafts, draft, code, retryAfterMs !== undefined) }
}

/** `passing`: the server may take it later; what was written after it does not overtake it, and fails with it. */
function failed(drafts: Draft[], draft: Draft, reason: string, passing: boolean): Draft[] {
  const place = drafts.indexOf(draft)
  const isBehind = (one: Draft, index: number): boolean =>
    passing && index > place && one.session === draft.session && one.state === 'pending'
  return drafts.map((one, index) =>
    one === draft || isBehind(one, index) ? { ...one, state: 'failed', reason } : one,
  )
}
