import { setTimeout as sleep } from 'node:timers/promises'
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
      const chats = new Set<string>()
      for (const text of people.flatMap((person) => [`1 ${person}`, `2 ${person}`])) {
        const [stored] = await first.pipeline.accept([incoming(name, text.slice(2), text)])
        chats.add(stored?.conversationId ?? '')
      }
      // More than `maxTries`: of a platform that takes nothing from anybody none is counted.
      for (let tries = 1; tries <= 12; tries += 1) {
        await vi.waitFor(() => expect(platform.sends.length).toBeGreaterThanOrEqual(3 * tries), waitFor)
        for (const id of chats) await vi.waitFor(() => waits(id), waitFor)
        if (tries < 12) clock.passes(400_000)
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

  test('tries that are not counted become rarer all the same', async () => {
    const clock = createTurnedClock('2026-11-26T12:00:00Z')
    const platform = createPlatform(newId())
    const { name } = platform.channel
    platform.onSend(() => ({ ok: false, fault: { kind: 'unknown', reason: '502' } }))
    await store.write((tx) => tx.leases.close(`failing:${name}:bot`, clock.now(), clock.now() + 1e6))
    const answers = async () => answer('hello')
    const started = startPipeline({ platforms: [platform], answers, clock, store: await place.another() })
    running.push(started)
    const [stored] = await started.pipeline.accept([incoming(name, 'ann', 'hi')])
    const tried = (times: number) =>
      vi.waitFor(async () => {
        expect(platform.sends).toHaveLength(times)
        await waits(stored?.conversationId ?? '')
      }, waitFor)
    await tried(1)
    clock.passes(100_000)
    await tried(2)
    clock.passes(100_000)
    await sleep(300)
    await tried(2)
    clock.passes(130_000)
    await tried(3)
  })

  /** Nothing is being sent to this chat, and something waits. */
  async function waits(conversationId: string): Promise<void> {
    const states = (await store.read.messages.since(conversationId, 0, 10)).map(({ state }) => state)
    expect(states).toContain('queued')
    expect(states).not.toContain('sending')
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
    const due = await store.read.outbox.due(1500, [account, { ...account, account: '8' }], 100, 1000)
    expect(due.toSorted()).toEqual([failed, longest].toSorted())
    for (const id of [soon, told, other]) expect(due).not.toContain(id)
  })
})
