import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { newId } from '../../src/model/ids.ts'
import type { DeliveryOutcome, Store } from '../../src/store/store.ts'
import { createTurnedClock } from '../support/clock.ts'
import { answer, createPlatform, incoming, startPipeline, type TestPipeline } from '../support/pipeline.ts'
import { createTestStore, databaseKinds, type TestStore } from '../support/stores.ts'

const waitFor = { timeout: 5000, interval: 5 }

describe.each(databaseKinds)('a platform that was away for minutes, on %s', (kind) => {
  let place: TestStore
  let store: Store
  let running: TestPipeline[] = []
  beforeAll(async () => {
    place = await createTestStore(kind)
    store = place.store
  })
  afterEach(async () => {
    await Promise.all(running.map((one) => one.stop()))
    running = []
  })
  afterAll(() => place.drop())

  test.each(['saw it fail', 'has just started'])(
    'replies that waited are sent within seconds, in order, once a process that %s can send',
    async (which) => {
      const clock = createTurnedClock('2026-11-26T12:00:00Z')
      const platform = createPlatform(newId())
      const { name } = platform.channel
      const echo = {
        platforms: [platform],
        answers: async ({ text }: { text: string }) => answer(text),
        clock,
      }
      const start = async (): Promise<TestPipeline> => {
        const started = startPipeline({ ...echo, store: await place.another(), maxTries: 8 })
        running.push(started)
        return started
      }
      platform.onSend(() => ({ ok: false, fault: { kind: 'retry', reason: '502' } }))
      const first = await start()
      const people = ['ann', 'bob', 'eve']
      for (const person of people) {
        await first.pipeline.accept([incoming(name, person, `1 ${person}`)])
        await first.pipeline.accept([incoming(name, person, `2 ${person}`)])
      }
      for (let tries = 1; tries <= 5; tries += 1) {
        await vi.waitFor(() => expect(platform.sends.length).toBeGreaterThanOrEqual(3 * tries), waitFor)
        await vi.waitFor(async () => expect(await waiting(name)).toBe(3), waitFor)
        if (tries < 5) clock.passes(100_000)
      }
      platform.onSend(() => undefined)
      const other = which === 'saw it fail' ? first : await start()
      if (other !== first) await first.stop()
      const cleared = performance.now()
      await other.pipeline.accept([incoming(name, 'new', 'does it work again?')])
      await vi.waitFor(() => {
        for (const person of people) expect(platform.inbox(person).join('\n')).toContain(`2 ${person}`)
      }, waitFor)
      expect(performance.now() - cleared).toBeLessThan(3000)
      for (const person of people)
        expect(platform.inbox(person).join('\n').split('\n')).toEqual([`1 ${person}`, `2 ${person}`])
      running = running.filter((one) => one === other)
    },
  )

  /** How many lanes of this channel wait for their next try, with nobody sending. */
  async function waiting(channel: string): Promise<number> {
    const now = Date.now() + 1e9
    const due = await store.read.outbox.due(now, [channel], 100, 1e12)
    return due.length
  }

  test('what was told to wait waits on, and so do other accounts', async () => {
    const lane = async (account: string, outcome: DeliveryOutcome): Promise<string> => {
      const to = { channel: 'telegram', account, chatId: newId(), threadId: '', kind: 'private' as const }
      const { conversationId: id } = await store.write((tx) =>
        tx.outbox.post(to, { text: 'r', buttons: undefined }, 'queued', 1000),
      )
      await store.write((tx) => tx.outbox.claim([id], 'a', 1000, 2000))
      await store.write((tx) =>
        tx.outbox.settle([{ conversationId: id, seq: 1, outcome }], 'a', 1000, undefined),
      )
      return id
    }
    const retry = { kind: 'retry', at: 90_000, error: '502', plain: false } as const
    const failed = await lane('7', retry)
    const longest = await lane('7', { ...retry, at: 95_000 })
    const soon = await lane('7', { ...retry, at: 2500 })
    const told = await lane('7', { kind: 'wait', at: 90_000, plain: false })
    const other = await lane('8', retry)
    const account = { channel: 'telegram', account: '7' }
    const hasten = (limit: number) => store.write((tx) => tx.outbox.hasten(account, 1500, limit))
    expect(await hasten(1)).toEqual([longest])
    expect(await hasten(100)).toEqual([failed])
    expect(await hasten(100)).toEqual([])
    const due = await store.read.outbox.due(1500, ['telegram'], 100, 1000)
    expect(due.toSorted()).toEqual([failed, longest].toSorted())
    for (const id of [soon, told, other]) expect(due).not.toContain(id)
  })
})
