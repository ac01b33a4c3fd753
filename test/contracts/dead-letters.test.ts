import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newId } from '../../src/model/ids.ts'
import type { DeliveryOutcome, LetterKey, Store } from '../../src/store/store.ts'
import { createTestStore, databaseKinds, type TestStore } from '../support/stores.ts'

describe.each(databaseKinds)('dead letters on %s', (kind) => {
  let place: TestStore
  let store: Store
  beforeAll(async () => {
    place = await createTestStore(kind)
    store = place.store
  })
  afterAll(() => place.drop())

  const failed = { kind: 'failed', error: 'blocked' } as const
  const uncertain = { kind: 'uncertain' } as const

  /** A lane whose first replies ended so, at 1000, 1001 …; one more reply waits behind them. */
  async function laneOf(...outcomes: DeliveryOutcome[]): Promise<string> {
    const to = { channel: 'telegram', account: '1', chatId: newId(), threadId: '', kind: 'private' as const }
    let id = ''
    for (const text of [...outcomes.keys(), 'last']) {
      const posted = await store.write((tx) =>
        tx.outbox.post(to, { text: `r${text}`, buttons: undefined }, 'queued', 900),
      )
      id = posted.conversationId
    }
    for (const [index, outcome] of outcomes.entries()) {
      const now = 1000 + index
      await store.write((tx) => tx.outbox.claim([id], 'a', now, now + 1000))
      await store.write((tx) =>
        tx.outbox.settle([{ conversationId: id, seq: index + 1, outcome }], 'a', now, undefined),
      )
    }
    return id
  }

  const states = async (id: string): Promise<string[]> =>
    (await store.read.messages.page(id, { limit: 100 })).map(({ seq, state }) => `${seq} ${state}`)
  const listed = async (id: string, until = 9999) =>
    (await store.read.deadLetters.list(100, until)).filter((letter) => letter.conversation.id === id)
  const revive = (...keys: LetterKey[]) => store.write((tx) => tx.deadLetters.revive(keys))
  const drop = (...keys: LetterKey[]) => store.write((tx) => tx.deadLetters.drop(keys))

  test('are listed with the reason, the latest first, and found by the end of their id', async () => {
    const id = await laneOf(failed, uncertain)
    expect(await listed(id)).toMatchObject([
      { conversation: { id, channel: 'telegram' }, seq: 2, state: 'uncertain', reason: '', at: 1001 },
      { seq: 1, text: 'r0', state: 'failed', tries: 1, reason: 'blocked', at: 1000 },
    ])
    expect((await listed(id, 1000)).map(({ seq }) => seq)).toEqual([1])
    expect(await store.read.deadLetters.find(id.slice(-8), 1)).toEqual([{ conversationId: id, seq: 1 }])
    expect(await store.read.deadLetters.find(id, 2)).toHaveLength(1)
    expect(await store.read.deadLetters.find(id, 3)).toEqual([])
    await laneOf(failed)
    expect(await store.read.deadLetters.find('', 1)).toHaveLength(2)
  })

  test('are revived at their place, before what is younger, with all their tries', async () => {
    const id = await laneOf({ kind: 'sent', platformId: '1' }, failed, uncertain)
    expect(await revive({ conversationId: id, seq: 3 }, { conversationId: id, seq: 2 })).toBe(2)
    expect(await states(id)).toEqual(['1 sent', '2 queued', '3 queued', '4 queued'])
    expect(await listed(id)).toEqual([])
    expect(await store.read.outbox.due(2000, [{ channel: 'telegram', account: '1' }], 1000, 1000)).toContain(
      id,
    )
    const [second] = await store.write((tx) => tx.outbox.claim([id], 'b', 2000, 3000))
    expect(second).toMatchObject({ seq: 2, attempt: 1, plain: false, uncertain: false })
    const outcome = { kind: 'sent', platformId: '2' } as const
    const [lane] = await store.write((tx) =>
      tx.outbox.settle([{ conversationId: id, seq: 2, outcome }], 'b', 2000, 3000),
    )
    expect(lane?.next).toMatchObject({ seq: 3, attempt: 1, uncertain: false })
  })

  test('revived while a younger reply is being sent, they are next', async () => {
    const id = await laneOf(failed)
    await store.write((tx) => tx.outbox.claim([id], 'b', 2000, 3000))
    expect(await revive({ conversationId: id, seq: 1 })).toBe(1)
    expect(await store.write((tx) => tx.outbox.claim([id], 'c', 2000, 3000))).toEqual([])
    const outcome = { kind: 'retry', at: 9000, error: '500', plain: false } as const
    const [lane] = await store.write((tx) =>
      tx.outbox.settle([{ conversationId: id, seq: 2, outcome }], 'b', 2000, 3000),
    )
    expect(lane?.next).toMatchObject({ seq: 1, attempt: 1 })
  })

  test('revived behind the back of a sender that died, they leave its own reply in doubt', async () => {
    const id = await laneOf(failed)
    await store.write((tx) => tx.outbox.claim([id], 'dead', 2000, 3000))
    await revive({ conversationId: id, seq: 1 })
    const [revived] = await store.write((tx) => tx.outbox.claim([id], 'next', 3000, 4000))
    expect(revived).toMatchObject({ seq: 1, attempt: 1, uncertain: false })
    const settle = () =>
      store.write((tx) =>
        tx.outbox.settle(
          [{ conversationId: id, seq: 1, outcome: { kind: 'sent', platformId: '1' } }],
          'next',
          3100,
          4000,
        ),
      )
    expect((await settle())[0]?.next).toMatchObject({ seq: 2, attempt: 2, uncertain: true })
    // The first was not acknowledged.
    expect((await settle())[0]?.next).toMatchObject({ seq: 2, attempt: 2, uncertain: true })
  })

  test('nothing else is revived or dropped', async () => {
    const id = await laneOf({ kind: 'sent', platformId: '1' }, failed)
    const keys = [1, 3, 4, 99].map((seq) => ({ conversationId: id, seq }))
    expect(await revive(...keys, { conversationId: newId(), seq: 1 })).toBe(0)
    expect(await drop(...keys)).toBe(0)
    expect(await states(id)).toEqual(['1 sent', '2 failed', '3 queued'])
    const dead = { conversationId: id, seq: 2 }
    const other = await place.another()
    const both = await Promise.all([revive(dead), other.write((tx) => tx.deadLetters.revive([dead]))])
    expect(both.toSorted()).toEqual([0, 1])
  })

  test('dropped they are neither listed, sent, nor part of what was said', async () => {
    const id = await laneOf(failed, uncertain)
    const before = (await store.read.messages.backlog()).failed
    expect(await drop({ conversationId: id, seq: 1 }, { conversationId: id, seq: 2 })).toBe(2)
    expect((await store.read.messages.backlog()).failed).toBe(before - 2)
    expect(await listed(id)).toEqual([])
    expect(await revive({ conversationId: id, seq: 1 })).toBe(0)
    const [said] = await store.read.messages.said([{ conversationId: id, after: 0, before: 100, limit: 10 }])
    expect(said?.map(({ text }) => text)).toEqual(['rlast'])
    expect(await store.write((tx) => tx.outbox.claim([id], 'b', 2000, 3000))).toMatchObject([{ seq: 3 }])
  })
})
