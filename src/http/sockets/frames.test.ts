import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestStore, type TestStore } from '../../../test/support/stores.ts'
import type { Bus } from '../../coordination/coordination.ts'
import { createMemoryCoordination } from '../../coordination/memory/coordination.ts'
import type { ClientFrame } from '../contract/socket.ts'
import { createFrameHandler } from './frames.ts'

let place: TestStore
beforeAll(async () => {
  place = await createTestStore('sqlite')
})
afterAll(() => place.drop())

/** A bus that counts who listens. */
function countingBus() {
  const { bus } = createMemoryCoordination()
  let listeners = 0
  const counting: Bus = {
    publish: bus.publish,
    subscribe(topic, handler) {
      const leave = bus.subscribe(topic, handler)
      const once = { listens: true }
      listeners += 1
      return () => {
        if (once.listens) listeners -= 1
        once.listens = false
        leave()
      }
    },
  }
  return { bus: counting, listeners: () => listeners }
}

const visitor = randomUUID()

/** A page whose session has one message, and how many subscriptions it holds. */
async function setup() {
  const session = randomUUID()
  const to = { channel: 'web', account: 'web', chatId: `${visitor}/${session}`, threadId: '' }
  const reply = { text: 'hello', buttons: undefined }
  const posted = await place.store.write((tx) =>
    tx.outbox.post({ ...to, kind: 'private' }, reply, 'sent', 1000),
  )
  const { bus, listeners } = countingBus()
  const frames = createFrameHandler(
    { id: visitor, language: undefined, greetingButtons: [] },
    { send: () => undefined, room: async () => undefined },
    {
      accept: async () => [posted],
      read: place.store.read,
      bus,
      web: {
        channel: 'web',
        account: 'web',
        chatIdOf: (who, which) => `${who}/${which}`,
        sessionOf: (chat) => chat,
        toIncoming: () => ({}) as never,
      },
      onError: (error) => expect(error).toBeUndefined(),
    },
  )
  const open: ClientFrame = { type: 'open', session, after: 0 }
  return { frames, listeners, open }
}

test('a page holds one subscription, of the session it has open', async () => {
  const { frames, listeners, open } = await setup()
  for (let round = 0; round < 3; round += 1) await frames.handle(open)
  expect(listeners()).toBe(1)
  frames.close()
  expect(listeners()).toBe(0)
})

test('a socket that goes while its session is being opened leaves no subscription behind', async () => {
  const { frames, listeners, open } = await setup()
  const opening = frames.handle(open)
  frames.close()
  await opening
  expect(listeners()).toBe(0)
})

test('nor does one that had asked for more before it went', async () => {
  const { frames, listeners, open } = await setup()
  const session = randomUUID()
  await frames.handle({ type: 'open', session, after: 0 })
  const sending = frames.handle({ type: 'send', session, id: randomUUID(), text: 'hello' })
  frames.close()
  await sending
  expect(listeners()).toBe(0)
  await frames.handle(open)
  expect(listeners()).toBe(0)
})
