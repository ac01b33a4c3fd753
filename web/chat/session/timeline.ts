import type { PageMessage } from '../../../src/http/contract/socket.ts'
import type { Draft, View } from './state.ts'

/** A line of the conversation as it is drawn. `key` stays the same from pending to stored, from preview to message. */
export type Row =
  | { kind: 'day'; key: string; at: number }
  | { kind: 'message'; key: string; message: PageMessage; head: boolean; draft?: Draft; streaming: boolean }
  | { kind: 'typing'; key: string; head: boolean }

/** Messages of one author within this time stand together under one head, in milliseconds. */
const together = 5 * 60_000

const dayOf = (at: number) => new Date(at).toDateString()

/** Messages, then what waits to be sent, then the answer in the making, with a separator for each day. */
export function timeline(view: View, drafts: Draft[], now: number): Row[] {
  const rows: Row[] = []
  let previous: PageMessage | undefined
  const turns = new Set<string>()
  const push = (message: PageMessage, key: string, extra: { draft?: Draft; streaming: boolean }) => {
    if (!previous || dayOf(previous.at) !== dayOf(message.at)) {
      rows.push({ kind: 'day', key: `day:${dayOf(message.at)}:${message.seq}`, at: message.at })
      previous = undefined
    }
    rows.push({ kind: 'message', key, message, head: isHead(previous, message), ...extra })
    previous = message
  }
  for (const message of view.messages) push(message, keyOf(message, turns), { streaming: false })
  for (const draft of drafts) push(messageOf(draft), `id:${draft.id}`, { draft, streaming: false })
  const preview = view.preview
  if (preview) {
    const message: PageMessage = { seq: 0, author: 'bot', text: preview.text, turn: preview.turn, at: now }
    push(message, keyOf(message, turns), { streaming: true })
  } else if (view.typing) {
    rows.push({ kind: 'typing', key: 'typing', head: previous?.author !== 'bot' })
  }
  return rows
}

const isHead = (previous: PageMessage | undefined, message: PageMessage) =>
  !previous || previous.author !== message.author || message.at - previous.at > together

const messageOf = (draft: Draft): PageMessage => ({
  seq: draft.seq ?? 0,
  author: 'contact',
  text: draft.text,
  id: draft.id,
  at: draft.at,
})

/** The first message of a turn takes the key its preview had, so that the bubble stays and only its words change. */
function keyOf(message: PageMessage, turns: Set<string>): string {
  if (message.id !== undefined) return `id:${message.id}`
  if (message.turn === undefined || turns.has(message.turn)) return `seq:${message.seq}`
  turns.add(message.turn)
  return `turn:${message.turn}`
}
