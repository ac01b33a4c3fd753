import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newId } from '../../src/model/ids.ts'
import type { Store } from '../../src/store/store.ts'
import { incoming } from '../support/pipeline.ts'
import { createTestStore, databaseKinds, type TestStore } from '../support/stores.ts'

describe.each(databaseKinds)('what waits by account on %s', (kind) => {
  let place: TestStore
  let store: Store
  beforeAll(async () => {
    place = await createTestStore(kind)
    store = place.store
  })
  afterAll(() => place.drop())

  const gone = { channel: 'telegram', account: '99' }
  const here = { channel: 'telegram', account: '1' }

  const reply = (to: typeof gone, chatId: string, now: number) =>
    store.write((tx) =>
      tx.outbox.post(
        { ...to, chatId, threadId: '', kind: 'private' },
        { text: 'r', buttons: undefined },
        'queued',
        now,
      ),
    )
  const message = (to: typeof gone, chatId: string, now: number) =>
    store.write(async (tx) => {
      const one = incoming(to.channel, chatId, 'q', to)
      const [accepted] = await tx.inbox.accept([{ incoming: one, quietMs: 0, immune: true }], now)
      return accepted?.conversationId ?? ''
    })
  const states = async (id: string): Promise<string[]> =>
    (await store.read.messages.page(id, { limit: 100 })).map(({ seq, state }) => `${seq} ${state}`)

  test('is told, and ended for one account alone', async () => {
    expect(await store.read.accounts.backlogs()).toEqual([])
    const [ann, bob] = [newId(), newId()]
    const id = await message(gone, ann, 2000)
    await reply(gone, ann, 2100)
    const { conversationId: other } = await reply(gone, bob, 2200)
    await store.write((tx) => tx.outbox.claim([other], 'a', 2200, 9000))
    const { conversationId: kept } = await reply(here, ann, 1000)
    expect(await store.read.accounts.backlogs()).toEqual([
      { ...here, received: 0, queued: 1, oldest: 1000 },
      { ...gone, received: 1, queued: 2, oldest: 2000 },
    ])

    const [taken] = await store.write((tx) => tx.turns.take([id], 'worker', 3000, 9000))
    const giveUp = () => store.write((tx) => tx.accounts.giveUp(gone, 3100, 1))
    const ended = [await giveUp(), await giveUp(), await giveUp()]
    expect(ended.reduce((sum, { received }) => sum + received, 0)).toBe(1)
    expect(ended.reduce((sum, { queued }) => sum + queued, 0)).toBe(2)
    expect(ended[2]).toEqual({ received: 0, queued: 0 })
    expect(await states(id)).toEqual(['1 handled', '2 dropped'])
    expect(await states(other)).toEqual(['1 dropped'])
    expect(await states(kept)).toEqual(['1 queued'])
    expect(await store.read.accounts.backlogs()).toMatchObject([here])
    expect(await store.read.turns.waiting(99_999, [gone], 10, 1000)).toEqual([])
    expect(await store.read.outbox.due(99_999, [gone], 10, 1000)).toEqual([])
    const epoch = (await store.read.conversations.get(id))?.epoch
    expect(epoch).toBeGreaterThan(taken?.conversation.epoch ?? 0)

    // The bot is there again after all: what was asked stays known, and the next question is the only one.
    await message(gone, ann, 20_000)
    const [next] = await store.write((tx) => tx.turns.take([id], 'worker', 20_000, 21_000))
    expect(next).toMatchObject({ attempt: 1, pending: [{ seq: 3 }] })
    const [said] = await store.read.messages.said([{ conversationId: id, after: 0, before: 3, limit: 10 }])
    expect(said?.map(({ text }) => text)).toEqual(['q'])
  })
})
