import type { ClientFrame, ServerFrame } from '../../../src/http/contract/socket.ts'
import type { Connection } from '../session/state.ts'
import { backoff } from './backoff.ts'
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
/** A connection that lasted this long was a good one, in milliseconds. */
const settledMs = 5000

/** A socket that comes back: with backoff and chance after a cut, and after a silence, which a dead network looks like. */
export function createLink(needs: LinkNeeds): Link {
  const { url, onFrame, onChange, introduce, random = Math.random } = needs
  const { pingMs = 25_000, silenceMs = 12_000 } = needs
  let socket: WebSocket | undefined
  let greetedAt: number | undefined
  let tries = 0
  let closed = false
  let again: ReturnType<typeof setTimeout> | undefined
  const watch = createWatch({ pingMs, silenceMs, onIdle: () => send({ type: 'ping' }), onDead: () => drop() })

  function send(frame: ClientFrame): boolean {
    if (greetedAt === undefined || socket?.readyState !== WebSocket.OPEN) return false
    socket.send(JSON.stringify(frame))
    watch.asked()
    return true
  }

  /** Forgets the socket without waiting for its closing handshake, which a dead network never finishes. */
  function drop(): void {
    const dead = socket
    socket = undefined
    // One that greets and closes at once, again and again, is not asked ever faster.
    if (greetedAt !== undefined && Date.now() - greetedAt > settledMs) tries = 0
    greetedAt = undefined
    watch.stop()
    clearTimeout(again)
    dead?.close()
    if (closed) return
    onChange('offline')
    again = setTimeout(connect, backoff(tries, random))
    tries += 1
  }

  function connect(): void {
    clearTimeout(again)
    onChange('connecting')
    const mine = new WebSocket(url)
    const dropMine = () => (socket === mine ? drop() : undefined)
    socket = mine
    watch.asked()
    mine.onmessage = ({ data }) => (socket === mine ? receive(data) : undefined)
    mine.onclose = ({ code }) => {
      if (code === noVisitor && introduce) introduce().then(dropMine, dropMine)
      else dropMine()
    }
  }

  function receive(data: unknown): void {
    watch.heard()
    const frame = parseFrame(data)
    if (frame?.type === 'hello') greetedAt = Date.now()
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
