import type { Bus } from '../../coordination/coordination.ts'
import { ParleyError } from '../../model/errors.ts'
import type { Language } from '../../model/language.ts'
import type { Incoming } from '../../model/message.ts'
import type { Reader } from '../../store/store.ts'
import { type ClientFrame, historyPage, type PageButton, type ServerFrame } from '../contract/socket.ts'
import { toPageMessage } from '../page-message.ts'
import { createFollower, type Follower } from './follow.ts'

/** How the web channel names things; handed in by the composition root. */
export interface WebTranslation {
  channel: string
  account: string
  chatIdOf(visitor: string, session: string): string
  sessionOf(chatId: string): string
  toIncoming(action: {
    visitor: string
    session: string
    id: string
    kind: 'text' | 'button'
    text: string
    label?: string
    language: Language | undefined
  }): Incoming
}

export interface FrameNeeds {
  accept(incoming: Incoming[]): Promise<{ conversationId: string; seq: number }[]>
  read: Reader
  bus: Bus
  web: WebTranslation
  onError: (error: unknown) => void
}

export interface Visitor {
  id: string
  language: Language | undefined
  /** The buttons of the greeting the page shows: pressed as those of message 0. */
  greetingButtons: PageButton[]
}

type FrameOf<T extends ClientFrame['type']> = Extract<ClientFrame, { type: T }>

const sessionsListed = 100

/** Serves the frames of one socket, one after the other. */
export function createFrameHandler(visitor: Visitor, send: (frame: ServerFrame) => void, needs: FrameNeeds) {
  const { accept, read, bus, web, onError } = needs
  let followed: { session: string; follower: Follower } | undefined

  async function conversationOf(session: string): Promise<string | undefined> {
    const chat = web.chatIdOf(visitor.id, session)
    return (await read.conversations.find(web.channel, web.account, chat, ''))?.id
  }

  async function open({ session, after }: FrameOf<'open'>): Promise<void> {
    followed?.follower.close()
    const follower = createFollower(session, await conversationOf(session), { read, bus, send, onError })
    followed = { session, follower }
    await follower.open(after)
  }

  async function store(frame: FrameOf<'send'> | FrameOf<'press'>, incoming: Incoming): Promise<void> {
    const [stored] = await accept([incoming])
    if (!stored) throw new ParleyError('INTERNAL')
    send({ type: 'accepted', session: frame.session, id: frame.id, seq: stored.seq })
    if (followed?.session === frame.session) followed.follower.attach(stored.conversationId)
  }

  async function buttonsOf(session: string, seq: number): Promise<PageButton[]> {
    const conversation = await conversationOf(session)
    const [message] = conversation ? await read.messages.since(conversation, seq - 1, 1) : []
    return message?.seq === seq ? (message.buttons ?? []).flat() : []
  }

  async function press(frame: FrameOf<'press'>): Promise<void> {
    const { session, id, seq, action } = frame
    const buttons = seq === 0 ? visitor.greetingButtons : await buttonsOf(session, seq)
    const button = buttons.find((candidate) => candidate.action === action)
    if (!button) throw new ParleyError('REQUEST_INVALID', 'That message has no such button.')
    const incoming = web.toIncoming({
      visitor: visitor.id,
      session,
      id,
      kind: 'button',
      text: action,
      label: button.label,
      language: visitor.language,
    })
    await store(frame, incoming)
  }

  async function history({ session, before }: FrameOf<'history'>): Promise<void> {
    const conversation = await conversationOf(session)
    const rows = conversation ? await read.messages.page(conversation, { before, limit: historyPage }) : []
    const more = (rows[0]?.seq ?? 1) > 1
    send({ type: 'history', session, messages: rows.map(toPageMessage), more })
  }

  async function sessions(): Promise<void> {
    const list = await read.conversations.listOfContact(web.channel, visitor.id, sessionsListed)
    send({
      type: 'sessions',
      sessions: list.map(({ chatId, title, updatedAt }) => ({ session: web.sessionOf(chatId), title, updatedAt })),
    })
  }

  async function handle(frame: ClientFrame): Promise<void> {
    switch (frame.type) {
      case 'open':
        return open(frame)
      case 'send': {
        const { session, id, text } = frame
        const incoming = web.toIncoming({
          visitor: visitor.id,
          session,
          id,
          kind: 'text',
          text,
          language: visitor.language,
        })
        return store(frame, incoming)
      }
      case 'press':
        return press(frame)
      case 'history':
        return history(frame)
      case 'sessions':
        return sessions()
      case 'ping':
        return send({ type: 'pong' })
    }
  }

  return { handle, close: () => followed?.follower.close() }
}
