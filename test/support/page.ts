import { expect } from 'vitest'
import { WebSocket } from 'ws'
import type { ServerFrame } from '../../src/http/contract/socket.ts'
import { newId } from '../../src/model/ids.ts'

/** A page of the web chat, as a visitor has it open. */
export interface TestPage {
  /** Everything the server sent, in order. */
  frames: ServerFrame[]
  /** Says something in the page's session; resolves when it is accepted. */
  say(text: string): Promise<void>
  /** The rows, in the order they came. */
  rows(): { seq: number; author: string; text: string }[]
  /** Waits for a frame that fits. */
  until(fits: (frame: ServerFrame) => boolean, ms?: number): Promise<ServerFrame>
  close(): void
}

/** Opens the chat at `origin` with a new session. */
export async function openTestPage(origin: string): Promise<TestPage> {
  const response = await fetch(`${origin}/chat`)
  const cookie = response.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/ws`, { headers: { origin, cookie } })
  const frames: ServerFrame[] = []
  const session = newId()
  socket.on('message', (data) => frames.push(JSON.parse((data as Buffer).toString()) as ServerFrame))
  const find = (fits: (frame: ServerFrame) => boolean) => frames.find(fits)
  const until = async (fits: (frame: ServerFrame) => boolean, ms = 20_000): Promise<ServerFrame> => {
    await expect.poll(() => find(fits), { timeout: ms, interval: 5 }).toBeDefined()
    return find(fits) as ServerFrame
  }
  await until(({ type }) => type === 'hello')
  socket.send(JSON.stringify({ type: 'open', session, after: 0 }))
  await until(({ type }) => type === 'opened')
  return {
    frames,
    until,
    async say(text) {
      const id = newId()
      socket.send(JSON.stringify({ type: 'send', session, id, text }))
      await until((frame) => frame.type === 'accepted' && frame.id === id)
    },
    rows: () => frames.flatMap((frame) => (frame.type === 'messages' ? frame.messages : [])),
    close: () => socket.close(),
  }
}
