import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { createSocketPair, type SocketPair } from '../../../test/support/socket-pair.ts'
import { createTestStore, type TestStore } from '../../../test/support/stores.ts'
import { createMemoryCoordination } from '../../coordination/memory/coordination.ts'
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

/** A conversation of `count` messages that weigh 180,000 bytes each, and a page that follows it. */
async function setup(count: number) {
  const chat = randomUUID()
  const post = async (): Promise<string> => {
    const to = { channel: 'web', account: 'web', chatId: chat, threadId: '', kind: 'private' as const }
    const reply = { text: '語'.repeat(60_000), buttons: undefined }
    return (await place.store.write((tx) => tx.outbox.post(to, reply, 'sent', 1000))).conversationId
  }
  let conversation = await post()
  for (let n = 1; n < count; n += 1) conversation = await post()
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
  const follower = createFollower(
    { session, chat, find: async () => conversation },
    { ...watched, bus, read: place.store.read, onError: (error) => expect(error).toBeUndefined() },
  )
  return { follower, bus, conversation, mostHeld: () => mostHeld }
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
