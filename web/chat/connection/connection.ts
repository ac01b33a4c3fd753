import type { ClientFrame, ServerFrame } from '../../../src/http/contract/socket.ts'
import type { Connection } from '../session/state.ts'
import { createPatience } from './backoff.ts'
import { parseFrame } from './frame.ts'
import { createWatch } from './watch.ts'

export interface LinkNeeds {
  /** Address of the socket, `ws:` or `wss:`. */
  url: string
  onFrame: (frame: ServerFrame) => void
  onChange: (connection: Connection) => void
  /** The server does not know this browser: makes it known before the next try. */
  introduce?: () => Promise<unknown>
  random?: () => number
  /** A ping goes out after this long without traffic, in milliseconds. */
  pingMs?: number
  /** A connection that owes an answer this long is given up, in milliseconds. */
  silenceMs?: number
}

export interface Link {
  /** False when there is no connection; nothing is kept for later. */
  send(frame: ClientFrame): boolean
  /** Tries at once instead of waiting for the next turn. */
  retryNow(): void
  close(): void
}

/** The server's close code for a browser without its cookie. */
const noVisitor = 4401

/** A socket that comes back: with backoff and chance after a cut, and after a silence, which a dead network looks like. */
export function createLink(needs: LinkNeeds): Link {
  const { url, onFrame, onChange, introduce, random = Math.random } = needs
  const { pingMs = 25_000, silenceMs = 12_000 } = needs
  let socket: WebSocket | undefined
  let closed = false
  let again: ReturnType<typeof setTimeout> | undefined
  const patience = createPatience(random)
  const watch = createWatch({ pingMs, silenceMs, onIdle: () => send({ type: 'ping' }), onDead: () => drop() })

  function send(frame: ClientFrame): boolean {
    if (!patience.ready() || socket?.readyState !== WebSocket.OPEN) return false
    socket.send(JSON.stringify(frame))
    watch.asked()
    return true
  }

  /** Forgets the socket without waiting for its closing handshake, which a dead network never finishes. */
  function drop(): void {
    const dead = socket
    socket = undefined
    const wait = patience.lost()
    watch.stop()
    clearTimeout(again)
    dead?.close()
    if (closed) return
    onChange('offline')
    again = setTimeout(connect, wait)
  }

  function connect(): void {
    clearTimeout(again)
    onChange('connecting')
    watch.asked()
    const mine = openSocket(url, {
      onData: (data) => (socket === mine ? receive(data) : undefined),
      onClose: () => (socket === mine ? drop() : undefined),
      introduce,
    })
    socket = mine
  }

  function receive(data: unknown): void {
    watch.heard()
    const frame = parseFrame(data)
    if (frame?.type === 'hello') patience.greeted()
    if (frame) onFrame(frame)
  }

  connect()
  return {
    send,
    retryNow: () => (closed || socket ? undefined : connect()),
    close() {
      closed = true
      drop()
    },
  }
}

interface SocketEvents extends Pick<LinkNeeds, 'introduce'> {
  onData: (data: unknown) => void
  onClose: () => void
}

function openSocket(url: string, { onData, onClose, introduce }: SocketEvents): WebSocket {
  const socket = new WebSocket(url)
  socket.onmessage = ({ data }) => onData(data)
  socket.onclose = ({ code }) => {
    if (code === noVisitor && introduce) introduce().then(onClose, onClose)
    else onClose()
  }
  return socket
}
