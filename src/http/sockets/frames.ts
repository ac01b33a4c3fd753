import type { Bus } from '../../coordination/coordination.ts'
import { ParleyError } from '../../model/errors.ts'
import type { Language } from '../../model/language.ts'
import type { Incoming } from '../../model/message.ts'
import type { Reader } from '../../store/store.ts'
import type { ClientFrame, PageButton } from '../contract/socket.ts'
import { createFollower, type Follower } from './follow.ts'
import { historyBefore } from './history.ts'
import type { Outlet } from './outlet.ts'

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
  /** Called before a message is taken; throws when there are too many. */
  admit(): Promise<void>
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

/** One page's connection. */
interface Page extends FrameNeeds, Outlet {
  visitor: Visitor
  followed?: { session: string; follower: Follower }
  /** The socket is gone: what it had asked for is still stored, and nothing is followed any more. */
  closed: boolean
}

type FrameOf<T extends ClientFrame['type']> = Extract<ClientFrame, { type: T }>

const sessionsListed = 100

/** Serves the frames of one socket, one after the other. */
export function createFrameHandler(visitor: Visitor, outlet: Outlet, needs: FrameNeeds) {
  const page: Page = { ...needs, ...outlet, visitor, closed: false }
  return {
    handle: (frame: ClientFrame) => handle(page, frame),
    close(): void {
      page.closed = true
      page.followed?.follower.close()
    },
  }
}

async function handle(page: Page, frame: ClientFrame): Promise<void> {
  switch (frame.type) {
    case 'open':
      return open(page, frame)
    case 'send':
      await page.admit()
      return store(page, frame, { kind: 'text', text: frame.text })
    case 'press':
      await page.admit()
      return press(page, frame)
    case 'history':
      return history(page, frame)
    case 'sessions':
      return sessions(page)
    case 'ping':
      return page.send({ type: 'pong' })
  }
}

async function conversationOf({ web, read, visitor }: Page, session: string): Promise<string | undefined> {
  const chat = web.chatIdOf(visitor.id, session)
  return (await read.conversations.find(web.channel, web.account, chat, ''))?.id
}

async function open(page: Page, { session, after }: FrameOf<'open'>): Promise<void> {
  if (page.closed) return
  page.followed?.follower.close()
  const chat = page.web.chatIdOf(page.visitor.id, session)
  const follower = createFollower({ session, chat, find: () => conversationOf(page, session) }, page)
  page.followed = { session, follower }
  await follower.open(after)
}

async function store(
  page: Page,
  { session, id }: FrameOf<'send'> | FrameOf<'press'>,
  said: { kind: 'text' | 'button'; text: string; label?: string },
): Promise<void> {
  const { accept, bus, web, visitor, send, followed } = page
  const { id: visitorId, language } = visitor
  const [stored] = await accept([web.toIncoming({ visitor: visitorId, session, id, language, ...said })])
  if (!stored) throw new ParleyError('INTERNAL')
  send({ type: 'accepted', session, id, seq: stored.seq })
  const { conversationId } = stored
  const isFollowed = followed?.session !== session || followed.follower.attach(conversationId)
  if (!isFollowed) await open(page, { type: 'open', session, after: 0 })
  if (stored.seq === 1) bus.publish({ type: 'begun', conversationId }, web.chatIdOf(visitorId, session))
}

async function press(page: Page, frame: FrameOf<'press'>): Promise<void> {
  const buttons = frame.seq === 0 ? page.visitor.greetingButtons : await buttonsOf(page, frame)
  const button = buttons.find((candidate) => candidate.action === frame.action)
  if (!button) throw new ParleyError('REQUEST_INVALID', 'That message has no such button.')
  await store(page, frame, { kind: 'button', text: button.action, label: button.label })
}

async function buttonsOf(page: Page, { session, seq }: FrameOf<'press'>): Promise<PageButton[]> {
  const conversation = await conversationOf(page, session)
  const [message] = conversation ? await page.read.messages.since(conversation, seq - 1, 1) : []
  return message?.seq === seq ? (message.buttons ?? []).flat() : []
}

async function history(page: Page, { session, before }: FrameOf<'history'>): Promise<void> {
  const conversation = await conversationOf(page, session)
  await page.room()
  const found = conversation
    ? await historyBefore(page.read, conversation, before)
    : { messages: [], more: false }
  page.send({ type: 'history', session, ...found })
}

async function sessions({ read, web, visitor, send, room }: Page): Promise<void> {
  await room()
  const list = await read.conversations.listOfContact(web.channel, visitor.id, sessionsListed)
  send({
    type: 'sessions',
    sessions: list.map(({ chatId, title, updatedAt }) => ({
      session: web.sessionOf(chatId),
      title,
      updatedAt,
    })),
  })
}
