import type { Channel } from '../channels/channel.ts'
import type { Bus } from '../coordination/coordination.ts'
import { ParleyError } from '../model/errors.ts'
import { newId } from '../model/ids.ts'
import type { Conversation } from '../model/conversation.ts'
import type { Language } from '../model/language.ts'
import type { Reply } from '../model/message.ts'
import type { Inbox } from '../pipeline/inbox.ts'
import type { Reader, StoredTurn } from '../store/store.ts'

/** A conversation of the terminal: one question, one answer. */
export const terminalChannel: Channel = {
  name: 'terminal',
  account: 'terminal',
  capabilities: { delivery: 'pull', idempotentSend: true, preview: true, typing: false, quietWindowMs: 0 },
  split: (reply) => [reply],
  send: async () => ({ ok: false, fault: { kind: 'final', reason: 'the terminal reads its answers' } }),
  status: () => ({ state: 'up', detail: 'in process' }),
}

/** The thread of conversations that only try the bot out. */
const rehearsal = 'rehearsal'

/** Whether nothing said in a conversation is meant for the team. */
export const isRehearsal = ({ channel, threadId }: Pick<Conversation, 'channel' | 'threadId'>): boolean =>
  channel === terminalChannel.name && threadId === rehearsal

export interface CallOptions {
  language?: Language | undefined
  /** A request for a human is kept for the team; otherwise the answer is only shown. */
  forTeam?: boolean | undefined
}

export interface CallResult {
  replies: Reply[]
  turn: StoredTurn
}

interface CallNeeds {
  accept: Inbox
  bus: Bus
  read: Reader
}

const lookMs = 1000

/** Runs one turn and resolves with its answer; `onPreview` gets the answer so far, whole. */
export async function callOnce(
  { accept, bus, read }: CallNeeds,
  text: string,
  onPreview: (text: string) => void,
  { language, forTeam = false }: CallOptions,
): Promise<CallResult> {
  const id = newId()
  const [stored] = await accept([
    {
      channel: terminalChannel.name,
      account: terminalChannel.account,
      updateId: id,
      chat: { id, thread: forTeam ? '' : rehearsal, kind: 'private' },
      sender: { id: 'operator', name: 'Operator', language },
      kind: 'text',
      text,
      platformId: '',
    },
  ])
  if (!stored) throw new ParleyError('INTERNAL')
  const { conversationId, seq } = stored
  const { promise, resolve } = Promise.withResolvers<void>()
  const unsubscribe = bus.subscribe(conversationId, (event) => {
    if (event.type === 'preview') onPreview(event.text)
    if (event.type === 'changed') void isHandled().then((handled) => handled && resolve())
  })
  const isHandled = async (): Promise<boolean> =>
    (await read.turns.ofMessage(conversationId, seq)) !== undefined
  // A running bot on the same database may answer instead, and its bus is not this one.
  const looking = setInterval(() => void isHandled().then((handled) => handled && resolve()), lookMs)
  try {
    if (!(await isHandled())) await promise
    const turn = await read.turns.ofMessage(conversationId, seq)
    if (!turn) throw new ParleyError('INTERNAL')
    const rows = await read.messages.since(conversationId, seq, 100)
    const replies = rows.map((row) => ({ text: row.text, ...(row.buttons ? { buttons: row.buttons } : {}) }))
    return { replies, turn }
  } finally {
    clearInterval(looking)
    unsubscribe()
  }
}
