import { randomUUID } from 'node:crypto'
import { Agent, fetch } from 'undici'
import { WebSocket } from 'ws'
import type { ClientFrame, PageMessage, ServerFrame } from '../../../src/http/contract/socket.ts'

/** A person with the web chat open, as the page speaks: a cookie, a session, client ids, resumption by sequence. */
export interface FakePage {
  readonly session: string
  /** Sent as soon as what was written before is accepted. */
  write(text: string): void
  /** Written and not accepted yet. */
  unsent(): number
  /** Sockets opened so far. */
  connections(): number
  /** What a page must never see: a row twice, a gap, a row that changed, an own message doubled, or accepted and gone. */
  broken(): string[]
  close(): void
}

export interface FakePageOptions {
  /** `http://…` of the server, which is also the page's origin. */
  origin: string
  /** Who vouches for the server, where it speaks TLS: a certificate. */
  ca?: string
  /** A reply, each row once, in order. */
  onReply(text: string): void
}

/** Between two messages: the server closes sockets that send more than ten frames a second. Milliseconds. */
const pauseMs = 120
/** A connection that owes an answer this long is given up, in milliseconds. */
const silenceMs = 3000
const reconnectMs = 150

export function openFakePage(options: FakePageOptions): FakePage {
  const session = randomUUID()
  const drafts: { id: string; text: string }[] = []
  const rows = createRows(options.onReply)
  /** `anew`: over the same socket, where rows may be under way. */
  function open(anew: boolean): void {
    isAnew = anew
    send({ type: 'open', session, after: rows.last() })
  }

  const link = createLink(options, { onOpen: () => open(false), onFrame: receive })
  let isAnew = false
  let underway: string | undefined
  let pause: NodeJS.Timeout | undefined
  let again: NodeJS.Timeout | undefined

  function send(frame: ClientFrame): void {
    link.send(JSON.stringify(frame))
  }

  function next(): void {
    const [draft] = drafts
    if (!draft || underway !== undefined || !link.isOpen()) return
    underway = draft.id
    send({ type: 'send', session, ...draft })
  }

  function receive(frame: ServerFrame): void {
    if (frame.type === 'opened') {
      rows.opened(frame.messages, frame.reset || isAnew)
      later(0)
    }
    if (frame.type === 'messages') rows.add(frame.messages)
    if (frame.type === 'accepted') settle(frame.id)
    if (frame.type === 'error') refused(frame)
  }

  /** Without an id it is not of a message: the session could not be opened. */
  function refused({ id, retryAfterMs = pauseMs }: Extract<ServerFrame, { type: 'error' }>): void {
    if (id === underway) later(retryAfterMs)
    if (id !== undefined) return
    clearTimeout(again)
    again = setTimeout(() => open(true), retryAfterMs)
  }

  function settle(id: string): void {
    rows.accepted(id)
    if (drafts[0]?.id === id) drafts.shift()
    if (id === underway) later(pauseMs)
  }

  function later(ms: number): void {
    clearTimeout(pause)
    pause = setTimeout(() => {
      underway = undefined
      next()
    }, ms)
  }

  return {
    session,
    write(text) {
      drafts.push({ id: randomUUID(), text })
      next()
    },
    unsent: () => drafts.length,
    connections: link.connections,
    broken: rows.broken,
    close() {
      clearTimeout(pause)
      clearTimeout(again)
      link.close()
    },
  }
}

/** The rows of the session as the page has them. */
function createRows(onReply: (text: string) => void) {
  const broken: string[] = []
  const texts: string[] = []
  const own = new Set<string>()
  const accepted = new Set<string>()

  function take(row: PageMessage): void {
    if (row.seq !== texts.length + 1) broken.push(`row ${row.seq} after row ${texts.length}`)
    texts[row.seq - 1] = row.text
    if (row.author !== 'contact') return onReply(row.text)
    const id = row.id ?? ''
    if (own.has(id)) broken.push(`message ${id} has two rows`)
    own.add(id)
  }

  return {
    broken: () => [
      ...broken,
      ...[...accepted].filter((id) => !own.has(id)).map((id) => `message ${id} is gone`),
    ],
    last: () => texts.length,
    add(messages: PageMessage[]): void {
      for (const row of messages) take(row)
    },
    /** `mayRepeat`: rows the page has may be among them. */
    opened(messages: PageMessage[], mayRepeat: boolean): void {
      for (const row of messages) {
        if (!mayRepeat || row.seq > texts.length) take(row)
        else if (texts[row.seq - 1] !== row.text) broken.push(`row ${row.seq} changed`)
      }
    },
    accepted: (id: string): void => void accepted.add(id),
  }
}

/** A socket that comes back, with the visitor's cookie. */
function createLink(
  { origin, ca }: Pick<FakePageOptions, 'origin' | 'ca'>,
  on: { onOpen(): void; onFrame(frame: ServerFrame): void },
) {
  let connections = 0
  let cookie: string | undefined
  let socket: WebSocket | undefined
  let greeted = false
  let closed = false
  let asked: NodeJS.Timeout | undefined

  function heard(): void {
    clearTimeout(asked)
    asked = undefined
  }

  function expectAnswer(): void {
    asked ??= setTimeout(() => socket?.terminate(), silenceMs)
  }

  async function connect(): Promise<void> {
    cookie ??= await fetchCookie(origin, ca)
    if (closed) return
    const opened = new WebSocket(`${origin.replace('http', 'ws')}/ws`, {
      headers: { origin, cookie },
      handshakeTimeout: silenceMs,
      ca,
    })
    socket = opened
    opened.on('open', () => (connections += 1))
    opened.on('open', expectAnswer)
    opened.on('message', (data) => receive(JSON.parse((data as Buffer).toString()) as ServerFrame))
    // `close` follows and says enough.
    opened.on('error', () => undefined)
    await new Promise((resolve) => opened.once('close', resolve))
  }

  function receive(frame: ServerFrame): void {
    heard()
    if (frame.type === 'hello') {
      greeted = true
      on.onOpen()
    } else on.onFrame(frame)
  }

  async function keepConnected(): Promise<void> {
    while (!closed) {
      await connect().catch(() => undefined)
      heard()
      greeted = false
      await new Promise((resolve) => setTimeout(resolve, reconnectMs))
    }
  }

  void keepConnected()
  return {
    connections: () => connections,
    isOpen: () => greeted && socket?.readyState === WebSocket.OPEN,
    send(text: string): void {
      if (socket?.readyState !== WebSocket.OPEN) return
      socket.send(text)
      expectAnswer()
    },
    close(): void {
      closed = true
      heard()
      socket?.terminate()
    },
  }
}

async function fetchCookie(origin: string, ca?: string): Promise<string> {
  const dispatcher = new Agent({ connect: { ca } })
  const response = await fetch(`${origin}/chat`, { dispatcher, signal: AbortSignal.timeout(silenceMs) })
  await response.arrayBuffer()
  await dispatcher.destroy()
  const [cookie] = response.headers.getSetCookie()
  if (cookie === undefined) throw new Error('the page set no cookie')
  return cookie.split(';')[0] ?? ''
}
