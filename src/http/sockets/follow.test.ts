import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { createSocketPair, type SocketPair } from '../../../test/support/socket-pair.ts'
import { createTestStore, type TestStore } from '../../../test/support/stores.ts'
import { createMemoryCoordination } from '../../coordination/memory/coordination.ts'
import type { Reader } from '../../store/store.ts'
import type { ServerFrame } from '../contract/socket.ts'
import { createFollower } from './follow.ts'
import { createOutlet, type Outlet } from './outlet.ts'

const session = 'session'
let place: TestStore
let pair: SocketPair
beforeAll(async () => {
  place = await createTestStore('sqlite')
})
afterAll(() => place.drop())
beforeEach(async () => {
  pair = await createSocketPair()
})
afterEach(() => pair.close())

const web = { channel: 'web', account: 'web' }

/** Stores an answer, and tells nobody: as a process does whose bus does not reach this one. */
async function reply(chat: string, text: string): Promise<string> {
  const to = { ...web, chatId: chat, threadId: '', kind: 'private' as const }
  const post = { text, buttons: undefined }
  return (await place.store.write((tx) => tx.outbox.post(to, post, 'sent', 1000))).conversationId
}

/** Stores what a person said, and tells nobody. */
async function say(chat: string, text: string): Promise<string> {
  const incoming = {
    ...web,
    updateId: randomUUID(),
    chat: { id: chat, thread: '', kind: 'private' as const },
    sender: { id: chat, name: '', language: undefined },
    kind: 'text' as const,
    text,
    platformId: '',
  }
  const [accepted] = await place.store.write((tx) => tx.inbox.accept([{ incoming, quietMs: 0 }], 1000))
  return accepted?.conversationId ?? ''
}

/** A conversation of `count` messages that weigh 180,000 bytes each, and a page that follows it. */
async function setup(count: number) {
  const chat = randomUUID()
  let conversation = ''
  for (let n = 0; n < count; n += 1) conversation = await reply(chat, '語'.repeat(60_000))
  return { ...follow(chat, conversation), conversation }
}

/** A page that follows a conversation. */
function follow(chat: string, conversation: string) {
  let mostHeld = 0
  const outlet = createOutlet(pair.near)
  const watched: Outlet = {
    ...outlet,
    send(frame) {
      outlet.send(frame)
      mostHeld = Math.max(mostHeld, pair.near.bufferedAmount)
    },
  }
  const { bus } = createMemoryCoordination()
  let looks = 0
  let meanwhile = (): void => undefined
  const since: Reader['messages']['since'] = (...range) => {
    looks += 1
    meanwhile()
    return place.store.read.messages.since(...range)
  }
  const read = { ...place.store.read, messages: { ...place.store.read.messages, since } }
  const follower = createFollower(
    { session, chat, find: async () => conversation },
    { ...watched, bus, read, onError: (error) => expect(error).toBeUndefined() },
  )
  return {
    follower,
    bus,
    mostHeld: () => mostHeld,
    looks: () => looks,
    duringLook: (act: () => void) => (meanwhile = act),
  }
}

const frames = (): ServerFrame[] => pair.received as ServerFrame[]
const seqs = (): number[] =>
  frames().flatMap((frame) => ('messages' in frame ? frame.messages.map(({ seq }) => seq) : []))
const numbers = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index)

test('a page that is far behind gets the rest in its own time, and little of it is held meanwhile', async () => {
  const { follower, bus, conversation, mostHeld } = await setup(60)
  pair.far.pause()
  await follower.open(1)
  const turn = { conversationId: conversation, turnId: 't', attempt: 1 }
  for (let n = 0; n < 100; n += 1) bus.publish({ type: 'preview', ...turn, text: '語'.repeat(60_000) })
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect(pair.near.bufferedAmount).toBeGreaterThan(65_536)
  pair.far.resume()
  await expect.poll(seqs, { timeout: 5000 }).toEqual(numbers(2, 60))
  expect(frames()[0]).toMatchObject({ type: 'opened', reset: false })
  expect(mostHeld()).toBeLessThan(65_536 + 262_144)
})

test('a page that opens anew gets the last that fit, and learns that there are more', async () => {
  const { follower } = await setup(3)
  await follower.open(0)
  await expect.poll(frames).toMatchObject([{ type: 'opened', reset: true, more: true }])
  expect(seqs()).toEqual([3])
})

test('a page that has everything gets nothing twice', async () => {
  const { follower, bus, conversation } = await setup(2)
  await follower.open(2)
  bus.publish({ type: 'changed', conversationId: conversation, seq: 2 })
  bus.publish({ type: 'typing', conversationId: conversation, active: true })
  await expect.poll(() => frames().at(-1)).toMatchObject({ type: 'typing' })
  expect(frames()[0]).toMatchObject({ type: 'opened', messages: [], reset: false })
  expect(seqs()).toEqual([])
})

test('who was closed while it read says nothing of it: the one that came instead did', async () => {
  const chat = randomUUID()
  const conversationId = await reply(chat, 'one')
  const { follower, bus, looks, duringLook } = follow(chat, conversationId)
  await follower.open(1)
  await reply(chat, 'two')
  const before = looks()
  duringLook(follower.close)
  bus.publish({ type: 'changed', conversationId, seq: 2 })
  await expect.poll(looks).toBe(before + 1)
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(seqs()).toEqual([])
})

describe('an answer nobody tells of', () => {
  beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
  afterEach(() => vi.useRealTimers())

  /** Lets the time pass, and what it set off be done. */
  async function pass(ms: number): Promise<void> {
    vi.advanceTimersByTime(ms)
    await new Promise((resolve) => setImmediate(resolve))
  }

  /** A page that follows a conversation in which these were the last words. */
  async function followed(words: (chat: string) => Promise<string>) {
    const chat = randomUUID()
    const page = follow(chat, await words(chat))
    await page.follower.open(0)
    await pass(0)
    return { ...page, chat }
  }

  test('is looked for after two seconds, ever less often, until it is there', async () => {
    const { follower, looks, chat } = await followed((chat) => say(chat, 'anybody?'))
    const before = looks()
    const at: number[] = []
    for (let second = 1; second <= 100; second += 1) {
      const known = looks()
      await pass(1000)
      if (looks() > known) at.push(second)
    }
    expect(at).toEqual([2, 6, 14, 30, 60, 90])
    expect(looks() - before).toBe(at.length)
    expect(vi.getTimerCount()).toBe(1)
    await reply(chat, 'here I am')
    await pass(20_000)
    await expect.poll(seqs).toEqual([1, 2])
    expect(vi.getTimerCount()).toBe(0)
    follower.close()
  })

  test('is looked for anew when the person goes on', async () => {
    const { follower, bus, chat } = await followed((chat) => say(chat, 'anybody?'))
    await pass(50_000)
    const conversationId = await say(chat, 'nobody?')
    bus.publish({ type: 'changed', conversationId, seq: 2 })
    await expect.poll(seqs).toEqual([1, 2])
    await reply(chat, 'here I am')
    await pass(2000)
    await expect.poll(seqs).toEqual([1, 2, 3])
    follower.close()
  })

  test.each([
    ['that the bot had the last word in', (chat: string) => say(chat, 'hello').then(() => reply(chat, 'hi'))],
    ['without a word', async () => ''],
  ])('is not looked for in a session %s', async (_, words) => {
    const { follower } = await followed(words)
    expect(vi.getTimerCount()).toBe(0)
    follower.close()
  })

  test('is looked for no more once the page is gone', async () => {
    const { follower, chat, looks, duringLook } = await followed((chat) => say(chat, 'anybody?'))
    await say(chat, 'nobody?')
    const before = looks()
    duringLook(() => follower.close())
    await pass(2000)
    expect(looks()).toBe(before + 1)
    expect(vi.getTimerCount()).toBe(0)
  })
})
