import type { ClientFrame, ServerFrame } from '../../../src/http/contract/socket.ts'
import type { Connection } from '../session/state.ts'
import { backoff } from './backoff.ts'
import { parseFrame } from './frame.ts'

export interface LinkNeeds {
  /** Address of the socket, `ws:` or `wss:`. */
  url: string
  onFrame: (frame: ServerFrame) => void
  onChange: (connection: Connection) => void
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

/** A socket that comes back: with backoff and chance after a cut, and after a silence, which a dead network looks like. */
export function createLink({
  url,
  onFrame,
  onChange,
  random = Math.random,
  pingMs = 25_000,
  silenceMs = 12_000,
}: LinkNeeds): Link {
  let socket: WebSocket | undefined
  let tries = 0
  let ready = false
  let closed = false
  let again: ReturnType<typeof setTimeout> | undefined
  let idle: ReturnType<typeof setTimeout> | undefined
  let owed: ReturnType<typeof setTimeout> | undefined

  const send = (frame: ClientFrame): boolean => {
    if (!ready || socket?.readyState !== WebSocket.OPEN) return false
    socket.send(JSON.stringify(frame))
    owed ??= setTimeout(drop, silenceMs)
    return true
  }

  const heard = () => {
    clearTimeout(owed)
    owed = undefined
    clearTimeout(idle)
    idle = setTimeout(() => send({ type: 'ping' }), pingMs)
  }

  /** Forgets the socket without waiting for its closing handshake, which a dead network never finishes. */
  const drop = () => {
    const dead = socket
    socket = undefined
    ready = false
    for (const timer of [again, idle, owed]) clearTimeout(timer)
    owed = undefined
    dead?.close()
    if (closed) return
    onChange('offline')
    again = setTimeout(connect, backoff(tries, random))
    tries += 1
  }

  const connect = () => {
    clearTimeout(again)
    if (closed) return
    onChange('connecting')
    const mine = new WebSocket(url)
    socket = mine
    owed = setTimeout(drop, silenceMs)
    mine.onmessage = (event) => {
      if (socket !== mine) return
      heard()
      const frame = parseFrame(event.data)
      if (!frame) return
      if (frame.type === 'hello') {
        tries = 0
        ready = true
      }
      onFrame(frame)
    }
    mine.onclose = () => {
      if (socket === mine) drop()
    }
  }

  connect()
  return {
    send,
    retryNow() {
      if (closed || socket) return
      tries = 0
      connect()
    },
    close() {
      closed = true
      drop()
    },
  }
}
