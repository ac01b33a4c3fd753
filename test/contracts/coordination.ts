import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { BusEvent, Coordination } from '../../src/coordination/coordination.ts'

/** What every coordination keeps, whatever carries it. */
export function coordinationSuite(name: string, create: () => Promise<Coordination>): void {
  describe(`coordination: ${name}`, () => {
    let coordination: Coordination
    beforeEach(async () => {
      coordination = await create()
    })
    afterEach(() => coordination.close())

    test('a ring reaches the listener of that bell only, also when it came before it', async () => {
      const { doorbell } = coordination
      const served: string[] = []
      doorbell.ring('turn', 'early')
      doorbell.listen('turn', 10, async (id) => void served.push(`turn ${id}`))
      doorbell.listen('outbox', 10, async (id) => void served.push(`outbox ${id}`))
      doorbell.ring('outbox', 'one')
      await vi.waitFor(() => expect(served.toSorted()).toEqual(['outbox one', 'turn early']))
    })

    test('a conversation is served by one handler at a time, and again for a ring meanwhile', async () => {
      const { doorbell } = coordination
      let running = 0
      let most = 0
      let served = 0
      doorbell.listen('turn', 10, async () => {
        running += 1
        most = Math.max(most, running)
        await sleep(20)
        running -= 1
        served += 1
      })
      for (let ring = 0; ring < 5; ring += 1) doorbell.ring('turn', 'a')
      await vi.waitFor(() => expect(running).toBe(1), { interval: 1 })
      doorbell.ring('turn', 'a')
      await vi.waitFor(() => expect(served).toBe(2))
      await sleep(50)
      expect([served, most]).toEqual([2, 1])
    })

    test('no more handlers than allowed, and one that fails makes room', async () => {
      const { doorbell } = coordination
      let running = 0
      let most = 0
      let served = 0
      doorbell.listen('turn', 3, async () => {
        running += 1
        most = Math.max(most, running)
        await sleep(10)
        running -= 1
        served += 1
        throw new Error('on purpose')
      })
      for (let id = 0; id < 12; id += 1) doorbell.ring('turn', String(id))
      await vi.waitFor(() => expect(served).toBe(12))
      expect(most).toBe(3)
    })

    test('a later ring moves one that is not due yet', async () => {
      const { doorbell } = coordination
      const began = Date.now()
      const served: number[] = []
      doorbell.listen('turn', 1, async () => void served.push(Date.now() - began))
      doorbell.ring('turn', 'a', 30)
      doorbell.ring('turn', 'a', 120)
      await vi.waitFor(() => expect(served).toHaveLength(1))
      expect(served[0]).toBeGreaterThanOrEqual(115)
      await sleep(60)
      expect(served).toHaveLength(1)
    })

    test('closing waits for handlers and serves nobody more', async () => {
      const { doorbell } = coordination
      const served: string[] = []
      const began: string[] = []
      doorbell.listen('turn', 1, async (id) => {
        began.push(id)
        await sleep(30)
        served.push(id)
      })
      doorbell.ring('turn', 'a')
      doorbell.ring('turn', 'waits for a')
      doorbell.ring('turn', 'b', 40)
      await vi.waitFor(() => expect(began).toEqual(['a']), { interval: 1 })
      await doorbell.close()
      expect(served).toEqual(['a'])
      doorbell.ring('turn', 'c')
      await sleep(60)
      expect(served).toEqual(['a'])
    })

    test('counters let the limit of a window through, each key for itself, also all at once', async () => {
      const { counters } = coordination
      const hits = await Promise.all(Array.from({ length: 20 }, () => counters.hit('one', 5, 300)))
      expect(hits.filter(({ allowed }) => allowed)).toHaveLength(5)
      for (const { allowed, retryAfterMs } of hits) {
        expect(allowed ? retryAfterMs === 0 : retryAfterMs > 0 && retryAfterMs <= 300).toBe(true)
      }
      expect(await counters.hit('other', 5, 300)).toMatchObject({ allowed: true })
      await sleep(320)
      expect(await counters.hit('one', 5, 300)).toMatchObject({ allowed: true })
    })

    test('the bus tells the subscribers of a topic, until they leave', async () => {
      const { bus } = coordination
      const heard: string[] = []
      const hear = (who: string) => (event: BusEvent) => {
        const look = event.type === 'changed' && event.seq === 0
        if (!look) heard.push(`${who} ${event.type}`)
      }
      const leave = bus.subscribe('a', hear('one'))
      bus.subscribe('a', hear('two'))
      bus.subscribe('chat', hear('chat'))
      await sleep(20)
      bus.publish({ type: 'changed', conversationId: 'a', seq: 1 })
      bus.publish({ type: 'changed', conversationId: 'b', seq: 1 })
      bus.publish({ type: 'begun', conversationId: 'a' }, 'chat')
      await vi.waitFor(() => expect(heard).toHaveLength(3))
      leave()
      bus.publish({ type: 'typing', conversationId: 'a', active: true })
      await vi.waitFor(() => expect(heard).toHaveLength(4))
      expect(heard).toEqual(['one changed', 'two changed', 'chat begun', 'two typing'])
    })

    test('counters refuse what is over the limit, until the window ends', async () => {
      const { counters } = coordination
      const hits = await Promise.all(Array.from({ length: 5 }, () => counters.hit('a', 3, 300)))
      expect(hits.map(({ allowed }) => allowed)).toEqual([true, true, true, false, false])
      expect(hits[0]).toEqual({ allowed: true, retryAfterMs: 0 })
      const { retryAfterMs } = await counters.hit('a', 3, 300)
      expect(retryAfterMs).toBeGreaterThan(0)
      expect(retryAfterMs).toBeLessThanOrEqual(300)
      expect(await counters.hit('b', 3, 300)).toMatchObject({ allowed: true })
      await sleep(retryAfterMs + 5)
      expect(await counters.hit('a', 3, 300)).toMatchObject({ allowed: true })
    })

    test('allowances are taken together or not at all, and the longest wait is told', async () => {
      const { allowances } = coordination
      const all = { key: 'all', count: 3, ms: 400 }
      const chat = { key: 'chat', count: 1, ms: 60_000 }
      const taken = await Promise.all([1, 2].map(() => allowances.take([all, chat])))
      expect(taken[0]).toBeUndefined()
      expect(taken[1]).toMatchObject({ key: 'chat', closed: false })
      expect(taken[1]?.ms).toBeGreaterThan(59_000)
      const others = await Promise.all([1, 2, 3].map((n) => allowances.take([all, { ...chat, key: `${n}` }])))
      expect(others).toEqual([undefined, undefined, { key: 'all', ms: expect.any(Number), closed: false }])
      const [, , last] = others
      await sleep((last?.ms ?? 0) + 5)
      expect(await allowances.take([all, { ...chat, key: '3' }])).toBeUndefined()
    })

    test('an allowance that is closed gives none, not even where there is no limit', async () => {
      const { allowances } = coordination
      const free = { key: 'free', count: 0, ms: 1000 }
      expect(await allowances.take([free])).toBeUndefined()
      await allowances.close('free', 300)
      await allowances.close('free', 50)
      const lack = await allowances.take([{ key: 'other', count: 1, ms: 10 }, free])
      expect(lack).toMatchObject({ key: 'free', closed: true })
      expect(lack?.ms).toBeGreaterThan(200)
      await sleep(330)
      expect(await allowances.take([{ key: 'other', count: 1, ms: 10_000 }, free])).toBeUndefined()
    })

    test('it says that it works', async () => {
      await expect(coordination.check()).resolves.toBeUndefined()
    })
  })
}
