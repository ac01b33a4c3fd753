import { expect } from 'vitest'
import type { ServerFrame } from '../../src/http/contract/socket.ts'
import { newId } from '../../src/model/ids.ts'
import { cookieOf, openPage } from './page.ts'

/** A person who talks in one session of the web chat. */
export interface Talk {
  /** Everything the server sent, in order. */
  frames: ServerFrame[]
  /** Resolves when it is accepted. */
  say(text: string): Promise<void>
  /** The rows, in the order they came. */
  rows(): { seq: number; author: string; text: string }[]
  answers(): { text: string }[]
  /** The first frame that fits, once it is there. */
  until(fits: (frame: ServerFrame) => boolean, ms?: number): Promise<ServerFrame>
}

/** A new visitor opens a new session at `origin`. */
export async function beginTalk(origin: string): Promise<Talk> {
  const page = openPage(origin, { origin, cookie: await cookieOf(origin) })
  const frames = page.frames as ServerFrame[]
  const session = newId()
  const until: Talk['until'] = async (fits, ms = 20_000) => {
    await expect.poll(() => frames.find(fits), { timeout: ms, interval: 5 }).toBeDefined()
    return frames.find(fits) as ServerFrame
  }
  const rows = () => frames.flatMap((frame) => (frame.type === 'messages' ? frame.messages : []))
  await page.until('hello')
  page.send({ type: 'open', session, after: 0 })
  await page.until('opened')
  return {
    frames,
    until,
    rows,
    answers: () => rows().filter(({ author }) => author === 'bot'),
    async say(text) {
      const id = newId()
      page.send({ type: 'send', session, id, text })
      await until((frame) => frame.type === 'accepted' && frame.id === id)
    },
  }
}
