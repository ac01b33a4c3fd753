import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newId } from '../../src/model/ids.ts'
import type { Charge } from '../../src/model/money.ts'
import type { BudgetLimit, BudgetMark, NewReservation, ReserveVerdict, Store } from '../../src/store/store.ts'
import { watchDay } from '../support/budget.ts'
import { createTestStore, databaseKinds, type TestStore } from '../support/stores.ts'

/** Of those who look for orphans. */
const clock = 1_900_000_000_000

let days = 0
/** A day of its own keeps tests on one database apart. */
const newDay = (): string => new Date(Date.UTC(2030, 0, (days += 1))).toISOString().slice(0, 10)

const limitOf = (microUsd: number, warnAtMicroUsd = microUsd * 0.8): BudgetLimit => ({
  microUsd,
  warnAtMicroUsd,
})

const wanted = (microUsd: number, more: Partial<NewReservation> = {}): NewReservation => ({
  id: newId(),
  microUsd,
  model: 'a/b',
  holder: 'test',
  createdAt: 1000,
  // Neither past nor, to a clock turned back, far ahead: other tests do not expire it.
  expiresAt: clock + 600_000,
  ...more,
})

const chargeOf = ({ id, microUsd }: NewReservation, costMicroUsd: number): Charge => ({
  id,
  model: 'a/b',
  reservedMicroUsd: microUsd,
  costMicroUsd,
  inputTokens: 10,
  outputTokens: 2,
})

describe.each(databaseKinds)('budget on %s', (kind) => {
  let place: TestStore
  let store: Store
  beforeAll(async () => {
    place = await createTestStore(kind)
    store = place.store
  })
  afterAll(() => place.drop())

  const reserve = (day: string, limit: number, ...amounts: (number | NewReservation)[]) =>
    store.write((tx) =>
      tx.budget.reserve(
        amounts.map((each) => (typeof each === 'number' ? wanted(each) : each)),
        day,
        limitOf(limit),
      ),
    )
  const verdictsOf = async (...args: Parameters<typeof reserve>): Promise<ReserveVerdict[]> =>
    (await reserve(...args)).verdicts
  const settle = (limit: number, ...charges: Charge[]) =>
    store.write((tx) => tx.budget.settle(charges, limitOf(limit)))
  const mark = (found: BudgetMark | undefined, on = store) =>
    on.write(async (tx) => found !== undefined && (await tx.budget.mark(found)))

  test('grants in order what fits; what does not fit stands in nobody’s way', async () => {
    const day = newDay()
    expect(await store.read.budget.day(day)).toBeUndefined()
    expect(await verdictsOf(day, 100, 60, 50, 40, 1, 101)).toEqual([
      'granted',
      'wait',
      'granted',
      'wait',
      'refused',
    ])
    expect(await store.read.budget.day(day)).toEqual({
      day,
      spentMicroUsd: 0,
      reservedMicroUsd: 100,
      calls: 0,
      inputTokens: 0,
      outputTokens: 0,
      exhaustedMicroUsd: 0,
    })
  })

  test('to the last micro-dollar, and not one more', async () => {
    const day = newDay()
    const first = wanted(100)
    expect(await verdictsOf(day, 100, first)).toEqual(['granted'])
    await settle(100, chargeOf(first, 99))
    expect(await verdictsOf(day, 100, 2, 1)).toEqual(['refused', 'granted'])
    expect(await verdictsOf(day, 100, 1)).toEqual(['wait'])
    expect(await verdictsOf(newDay(), 0, 1)).toEqual(['refused'])
  })

  test('a settlement frees what was not used, once', async () => {
    const day = newDay()
    const [one, two] = [wanted(70), wanted(30)]
    await reserve(day, 100, one, two)
    await settle(100, chargeOf(one, 7), chargeOf(two, 0))
    await settle(100, chargeOf(one, 7))
    expect(await store.read.budget.day(day)).toMatchObject({
      spentMicroUsd: 7,
      reservedMicroUsd: 0,
      calls: 1,
      inputTokens: 20,
      outputTokens: 4,
    })
  })

  test('a cost over its reservation counts in full, and nothing more is granted', async () => {
    const day = newDay()
    const one = wanted(50)
    await reserve(day, 100, one)
    await settle(100, chargeOf(one, 130))
    expect(await store.read.budget.day(day)).toMatchObject({ spentMicroUsd: 130, reservedMicroUsd: 0 })
    expect(await verdictsOf(day, 100, 1)).toEqual(['refused'])
  })

  test('belongs to the day it was reserved for, also when it is settled on the next', async () => {
    const [yesterday, today] = [newDay(), newDay()]
    const [late, early] = [wanted(60), wanted(60)]
    await reserve(yesterday, 100, late)
    await reserve(today, 100, early)
    await settle(100, chargeOf(late, 50), chargeOf(early, 20))
    expect(await store.read.budget.day(yesterday)).toMatchObject({ spentMicroUsd: 50, reservedMicroUsd: 0 })
    expect(await store.read.budget.day(today)).toMatchObject({ spentMicroUsd: 20, reservedMicroUsd: 0 })
    const [latest, before] = await store.read.budget.latest(2)
    expect([latest?.day, before?.day]).toEqual([today, yesterday])
  })

  test('what a dead process reserved is spent in the end, and not settled again', async () => {
    const day = newDay()
    const base = clock - 1000
    const orphan = wanted(40, { createdAt: base, expiresAt: base + 100 })
    const living = wanted(30, { createdAt: base, expiresAt: base + 500 })
    await reserve(day, 100, orphan, living)
    expect(await store.read.budget.hasExpired(base + 99)).toBe(false)
    expect(await store.read.budget.hasExpired(base + 100)).toBe(true)
    const expired = await store.write((tx) => tx.budget.expire(base + 100, limitOf(100)))
    expect(expired).toEqual({ count: 1, microUsd: 40, marks: [] })
    await settle(100, chargeOf(orphan, 1))
    expect(await store.read.budget.day(day)).toMatchObject({ spentMicroUsd: 40, reservedMicroUsd: 30 })
  })

  test('a clock turned back by hours holds no money for hours', async () => {
    const own = await createTestStore(kind)
    const day = newDay()
    await own.store.write((tx) => tx.budget.reserve([wanted(70)], day, limitOf(100)))
    const now = clock - 7_200_000
    expect(await own.store.read.budget.hasExpired(clock)).toBe(false)
    expect(await own.store.read.budget.hasExpired(now)).toBe(true)
    expect(await own.store.write((tx) => tx.budget.expire(now, limitOf(100)))).toMatchObject({ count: 1 })
    expect(await own.store.read.budget.day(day)).toMatchObject({ spentMicroUsd: 70, reservedMicroUsd: 0 })
    await own.drop()
  })

  test('tells of each day and limit, until it is marked, that most is spent, and that no call fits', async () => {
    const day = newDay()
    const [one, two, three, four] = [wanted(50), wanted(30), wanted(9), wanted(6)]
    await reserve(day, 100, one, two, three, four)
    expect(await settle(100, chargeOf(one, 50), chargeOf(three, 0))).toEqual([])
    const warned: BudgetMark = { kind: 'warned', day, spentMicroUsd: 80, limitMicroUsd: 100 }
    expect(await settle(100, chargeOf(two, 30))).toEqual([warned])
    expect(await settle(100, chargeOf(four, 0))).toEqual([warned])
    expect([await mark(warned), await mark(warned)]).toEqual([true, false])
    const more = wanted(10)
    expect((await reserve(day, 100, more)).marks).toEqual([])
    expect(await settle(100, chargeOf(more, 10))).toEqual([])
    const exhausted: BudgetMark = { kind: 'exhausted', day, spentMicroUsd: 90, limitMicroUsd: 100 }
    expect((await reserve(day, 100, 11)).marks).toEqual([exhausted])
    expect((await reserve(day, 100, 11)).marks).toEqual([exhausted])
    expect([await mark(exhausted), await mark(exhausted)]).toEqual([true, false])
    expect(await store.read.budget.day(day)).toMatchObject({ exhaustedMicroUsd: 100 })
    expect((await reserve(day, 100, 11)).marks).toEqual([])
    // More money was given: news again.
    const last = wanted(75)
    expect((await reserve(day, 200, last)).marks).toEqual([])
    const [again] = await settle(200, chargeOf(last, 75))
    expect(again).toMatchObject({ kind: 'warned', limitMicroUsd: 200 })
    expect(await mark(again)).toBe(true)
    expect((await reserve(day, 200, 100)).marks).toMatchObject([{ kind: 'exhausted', limitMicroUsd: 200 }])
  })

  test('an orphan can be what crosses the line', async () => {
    const day = newDay()
    await reserve(day, 100, wanted(90, { expiresAt: clock - 2000 }))
    const { marks } = await store.write((tx) => tx.budget.expire(clock - 2000, limitOf(100)))
    expect(marks).toEqual([{ kind: 'warned', day, spentMicroUsd: 90, limitMicroUsd: 100 }])
  })

  test('five hundred at once from three processes: the limit holds at every instant, to the full', async () => {
    const day = newDay()
    const limit = 5000
    const stores = [store, await place.another(), await place.another()]
    const watch = watchDay(await place.another(), day)
    const marks: string[] = []
    let granted = 0
    const call = async (index: number): Promise<void> => {
      const mine = stores[index % 3] ?? store
      await sleep(Math.random() * 200)
      const reservation = wanted(100)
      let verdict: ReserveVerdict | undefined = 'wait'
      while (verdict === 'wait') {
        const reserved = await mine.write((tx) => tx.budget.reserve([reservation], day, limitOf(limit)))
        for (const found of reserved.marks) if (await mark(found, mine)) marks.push(found.kind)
        verdict = reserved.verdicts[0]
        if (verdict === 'wait') await sleep(2)
      }
      if (verdict !== 'granted') return
      granted += 1
      await sleep(Math.random() * 20)
      const told = await mine.write((tx) => tx.budget.settle([chargeOf(reservation, 100)], limitOf(limit)))
      for (const found of told) if (await mark(found, mine)) marks.push(found.kind)
    }
    await Promise.all(Array.from({ length: 500 }, (_, index) => call(index)))
    const { highest, looks } = await watch.end()
    expect(granted).toBe(50)
    expect(highest).toBeLessThanOrEqual(limit)
    expect(looks).toBeGreaterThan(5)
    expect(marks.sort()).toEqual(['exhausted', 'warned'])
    expect(await store.read.budget.day(day)).toMatchObject({ spentMicroUsd: limit, reservedMicroUsd: 0 })
  })

  test('settling and expiring the same reservations at once counts each once', async () => {
    const day = newDay()
    const other = await place.another()
    const all = Array.from({ length: 60 }, () => wanted(10, { expiresAt: clock - 2000 }))
    await reserve(day, 10_000, ...all)
    await Promise.all([
      ...all.map((each) => store.write((tx) => tx.budget.settle([chargeOf(each, 4)], limitOf(10_000)))),
      ...Array.from({ length: 10 }, () =>
        other.write((tx) => tx.budget.expire(clock - 2000, limitOf(10_000))),
      ),
    ])
    const found = await store.read.budget.day(day)
    expect(found?.reservedMicroUsd).toBe(0)
    expect(found?.spentMicroUsd).toBeGreaterThanOrEqual(240)
    expect(found?.spentMicroUsd).toBeLessThanOrEqual(600)
    expect(((found?.spentMicroUsd ?? 0) - 240) % 6).toBe(0)
  })
})
