import { expect } from 'vitest'
import type { ServerFrame } from '../../src/http/contract/socket.ts'
import { newId } from '../../src/model/ids.ts'
import { cookieOf, openPage } from './page.ts'

/** A person who talks in one session of the web chat. */
export interface Talk {
  /** Who it is, and which session: of two tabs the same. */
  who: { cookie: string; session: string }
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

/** A new visitor opens a new session at `origin`; or somebody opens theirs in another tab. */
export async function beginTalk(origin: string, who?: Talk['who']): Promise<Talk> {
  const { cookie, session } = who ?? { cookie: await cookieOf(origin), session: newId() }
  const page = openPage(origin, { origin, cookie })
  const frames = page.frames as ServerFrame[]
  const until: Talk['until'] = async (fits, ms = 20_000) => {
    await expect.poll(() => frames.find(fits), { timeout: ms, interval: 5 }).toBeDefined()
    return frames.find(fits) as ServerFrame
  }
  const rows = () => frames.flatMap((frame) => (frame.type === 'messages' ? frame.messages : []))
  await page.until('hello')
  page.send({ type: 'open', session, after: 0 })
  await page.until('opened')
  return {
    who: { cookie, session },
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
