import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { openStore } from '../../src/store/open.ts'
import { bootApp, type TestApp } from '../support/app.ts'
import { cookieOf, openPage, type Page } from '../support/page.ts'

let running: TestApp
let origin: string
let headers: Record<string, string>
async function boot(): Promise<void> {
  // A busy machine is no reason to refuse here.
  const pipeline = { max_delay: '1m' }
  running = await bootApp({ settings: { web: { quiet_window: '0ms' }, pipeline } })
  origin = running.app.address
  headers = { origin, cookie: await cookieOf(origin) }
}
afterEach(async () => {
  vi.useRealTimers()
  await running.close()
})

test('a socket that answers no ping for half a minute is ended, one that does stays', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  await boot()
  const dead = openPage(origin, headers, { autoPong: false })
  const well = openPage(origin, headers)
  await Promise.all([dead.until('hello'), well.until('hello')])
  const pinged = Promise.all([once(dead.socket, 'ping'), once(well.socket, 'ping')])
  vi.advanceTimersByTime(30_000)
  await pinged
  // What follows the pong is handled after it.
  well.send({ type: 'ping' })
  await well.until('pong')
  vi.advanceTimersByTime(30_000)
  expect(await dead.closed).toBe(1006)
  well.send({ type: 'sessions' })
  await well.until('sessions')
  well.socket.close()
})

describe('fifty messages of sixty thousand characters', () => {
  const long = (nth: number): string => `${nth} ${'語'.repeat(60_000)}`.slice(0, 60_000)
  const all = Array.from({ length: 50 }, (_, nth) => long(nth))
  let session: string
  beforeEach(async () => {
    await boot()
    session = randomUUID()
  })

  async function openSession(): Promise<Page> {
    const page = openPage(origin, headers)
    await page.until('hello')
    page.send({ type: 'open', session, after: 0 })
    await page.until('opened')
    return page
  }

  const say = (page: Page, text: string): void => page.send({ type: 'send', session, id: randomUUID(), text })

  /** Stores the fifty as replies of the session, and rings no bell. */
  async function storeAll(): Promise<void> {
    const visitor = decodeURIComponent(headers.cookie ?? '').replace(/^.*?=([^.]*).*$/, '$1')
    const to = { channel: 'web', account: 'web', chatId: `${visitor}/${session}`, threadId: '' }
    const store = await openStore(running.config.database, { onConnectionError: () => undefined })
    for (const text of all) {
      const reply = { text, buttons: undefined }
      await store.write((tx) => tx.outbox.post({ ...to, kind: 'private' }, reply, 'sent', Date.now()))
    }
    await store.close()
  }

  const messagesOf = (page: Page): { seq: number; text: string }[] =>
    page.frames.flatMap((frame) => (frame.messages ?? []) as { seq: number; text: string }[])
  const longOnes = (page: Page): string[] =>
    messagesOf(page).flatMap(({ text }) => (text.length === 60_000 ? [text] : []))
  const largest = (page: Page): number =>
    Math.max(...page.frames.map((frame) => Buffer.byteLength(JSON.stringify(frame))))

  test('reach a page that reads nothing for a while: once, in order, over the same socket', async () => {
    const reader = await openSession()
    const writer = await openSession()
    say(writer, 'the first message')
    await reader.until('messages')
    await storeAll()
    reader.socket.pause()
    for (const text of ['and then', 'another', 'and a last one']) {
      say(writer, text)
      // Typing and previews of the answers would overflow a buffer nobody empties.
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    reader.socket.resume()
    const texts = (): string[] => messagesOf(reader).map(({ text }) => text)
    await expect.poll(texts, { timeout: 10_000 }).toContain('and a last one')
    expect(longOnes(reader)).toEqual(all)
    const seqs = messagesOf(reader).map(({ seq }) => seq)
    expect(seqs).toEqual(seqs.map((_, index) => index + 1))
    expect(reader.socket.readyState).toBe(reader.socket.OPEN)
    expect(largest(reader)).toBeLessThan(262_144 + 1000)
    for (const { socket } of [reader, writer]) socket.close()
  })

  test('are read page by page, however many of the pages were asked for at once', async () => {
    await storeAll()
    const page = await openSession()
    page.socket.pause()
    for (let before = 50; before > 1; before -= 1) {
      page.send({ type: 'history', session, before })
      // As fast as a socket may ask.
      await new Promise((resolve) => setTimeout(resolve, before > 15 ? 0 : 100))
    }
    page.socket.resume()
    await expect.poll(() => messagesOf(page).length, { timeout: 10_000 }).toBe(50)
    expect(longOnes(page)).toEqual(all.toReversed())
    const stretches = page.frames.filter((frame) => 'messages' in frame)
    expect(stretches.map((frame) => frame.more)).toEqual(all.map((_, index) => index < 49))
    expect(page.socket.readyState).toBe(page.socket.OPEN)
    expect(largest(page)).toBeLessThan(262_144 + 1000)
    page.socket.close()
  })
})
