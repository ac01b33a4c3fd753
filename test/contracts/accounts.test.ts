import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newId } from '../../src/model/ids.ts'
import type { DeliveryOutcome, Store } from '../../src/store/store.ts'
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

  test('a bot for which something was done, is done or is planned lately seems to run, and no other', async () => {
    const busy = { channel: 'telegram', account: '55' }
    const seems = (since: number, account = busy) => store.read.accounts.seemsAlive(account, since)
    const id = await message(busy, newId(), 10_000)
    expect([await seems(9999), await seems(10_000), await seems(9999, gone)]).toEqual([true, false, false])
    await store.write((tx) => tx.turns.take([id], 'worker', 11_000, 20_000))
    expect([await seems(19_999), await seems(20_000)]).toEqual([true, false])
    await reply(busy, newId(), 12_000)
    const { conversationId: lane } = await reply(busy, newId(), 12_000)
    await store.write((tx) => tx.outbox.claim([lane], 'a', 12_000, 30_000))
    expect([await seems(29_999), await seems(30_000)]).toEqual([true, false])
    const outcome = { kind: 'retry', at: 90_000, error: '502', plain: false } as const
    await store.write((tx) =>
      tx.outbox.settle([{ conversationId: lane, seq: 1, outcome }], 'a', 12_100, undefined),
    )
    expect([await seems(89_999), await seems(90_000)]).toEqual([true, false])
    while ((await store.write((tx) => tx.accounts.giveUp(busy, 99_000, 9))).queued > 0);
  })

  const account = { channel: 'telegram', account: '77' }
  /** The first of two replies has this outcome at 1000. */
  const settled = async (to: { chatId: string; kind: 'private' | 'group' }, outcome: DeliveryOutcome) => {
    const said = { text: 'r', buttons: undefined }
    const post = () =>
      store.write((tx) => tx.outbox.post({ ...account, ...to, threadId: '' }, said, 'queued', 500))
    const { conversationId, seq } = await post()
    await post()
    await store.write((tx) => tx.outbox.claim([conversationId], 'a', 1000, 2000))
    await store.write((tx) => tx.outbox.settle([{ conversationId, seq, outcome }], 'a', 1000, undefined))
  }
  const queued = async (most: number, now: number): Promise<number> =>
    (await store.read.messages.waiting([account], most, 100, now)).queued

  test('what a group was told to wait for takes no room and is not late, until a moment after its time', async () => {
    const wait = { kind: 'wait', at: 90_000, plain: false } as const
    await settled({ chatId: '-1', kind: 'group' }, wait)
    expect([await queued(3, 2000), await queued(2, 2000), await queued(2, 95_000)]).toEqual([2, 0, 2])
    expect(await store.read.messages.waitingSince(2000)).not.toBe(500)
    expect(await store.read.messages.waitingSince(95_000)).toBe(500)
    await settled({ chatId: '1', kind: 'private' }, wait)
    await settled({ chatId: '-2', kind: 'group' }, { ...wait, kind: 'retry', error: '502' })
    expect([await queued(5, 2000), await queued(9, 2000)]).toEqual([4, 6])
    expect(await store.read.messages.waitingSince(2000)).toBe(500)
    while ((await store.write((tx) => tx.accounts.giveUp(account, 99_000, 9))).queued > 0);
  })

  test('what waits in a group because the platform is away takes room and is late', async () => {
    await settled({ chatId: '-3', kind: 'group' }, { kind: 'wait', at: 41_000, plain: false })
    expect([await queued(3, 2000), await queued(2, 2000)]).toEqual([2, 2])
    expect(await store.read.messages.waitingSince(2000)).toBe(500)
    while ((await store.write((tx) => tx.accounts.giveUp(account, 99_000, 9))).queued > 0);
  })

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
