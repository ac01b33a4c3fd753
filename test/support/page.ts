import { once } from 'node:events'
import { type ClientOptions, WebSocket } from 'ws'

export type Frame = Record<string, unknown>

/** What a chat page does with its socket, without a browser. */
export interface Page {
  socket: WebSocket
  /** Everything received, in order. */
  frames: Frame[]
  /** Resolves with the close code. */
  closed: Promise<number>
  send(frame: object): void
  /** Waits for the first frame of this type. */
  until(type: string): Promise<Frame>
}

/** A new visitor's cookie, as a browser sends it. */
export async function cookieOf(origin: string): Promise<string> {
  const response = await fetch(`${origin}/chat`)
  return response.headers.getSetCookie()[0]?.split(';')[0] ?? ''
}

export function openPage(origin: string, headers: Record<string, string>, options: ClientOptions = {}): Page {
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/ws`, { ...options, headers })
  const frames: Frame[] = []
  socket.on('message', (data) => frames.push(JSON.parse((data as Buffer).toString())))
  socket.on('error', () => undefined)
  const first = (type: string): Frame | undefined => frames.find((frame) => frame.type === type)
  return {
    socket,
    frames,
    closed: new Promise((resolve) => socket.once('close', resolve)),
    send: (frame) => socket.send(JSON.stringify(frame)),
    async until(type) {
      // Not by polling: that of vitest lets the time of a test go on.
      const signal = AbortSignal.timeout(5000)
      for (let found = first(type); ; found = first(type)) {
        if (found) return found
        await once(socket, 'message', { signal })
      }
    },
  }
}
