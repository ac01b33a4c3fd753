import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newId } from '../../src/model/ids.ts'
import type { MessageLimits } from '../../src/model/limits.ts'
import { createMoments } from '../../src/model/moment.ts'
import { openStore } from '../../src/store/open.ts'
import type { Accepted, Arrival, Store } from '../../src/store/store.ts'
import { incoming } from '../support/pipeline.ts'
import { createTestStore, databaseKinds, type TestStore } from '../support/stores.ts'

const limits: MessageLimits = { perHour: 60, perDay: 500, banAfter: 20, banMs: 3_600_000, spam: false }
const at = (iso: string): number => Date.parse(iso)
const noon = at('2026-11-26T12:00:00Z')
const hourMs = 3_600_000

const from = (who: string, more: Parameters<typeof incoming>[3] = {}): Arrival => ({
  incoming: incoming('telegram', who, 'a question', more),
  quietMs: 0,
})

async function accept(
  store: Store,
  arrivals: Arrival[],
  now = noon,
  zone = 'UTC',
  rules = limits,
): Promise<Accepted[]> {
  const { hourEnd, dayEnd } = createMoments(zone)(now)
  return store.write((tx) => tx.inbox.accept(arrivals, now, { limits: rules, hourEnd, dayEnd }))
}

/** How many are answered, told about and left out: `60 1 4`. */
function counted(accepted: Accepted[]): string {
  const told = accepted.filter(({ over }) => over?.notice).length
  const silent = accepted.filter(({ over }) => over && !over.notice).length
  return [accepted.length - told - silent, told, silent].join(' ')
}

const many = (who: string, count: number): Arrival[] => Array.from({ length: count }, () => from(who))

describe.each(databaseKinds)('limits on %s', (kind) => {
  let place: TestStore
  let store: Store
  beforeAll(async () => {
    place = await createTestStore(kind)
    store = place.store
  })
  afterAll(() => place.drop())

  describe('messages', () => {
    test('the 60th of an hour is answered, the 61st told about, the 62nd left out', async () => {
      const who = newId()
      expect(counted(await accept(store, many(who, 59)))).toBe('59 0 0')
      expect(counted(await accept(store, many(who, 1), noon + hourMs - 1))).toBe('1 0 0')
      const [crossing] = await accept(store, many(who, 1), noon + hourMs - 1)
      expect(crossing).toMatchObject({
        pending: true,
        over: { reason: 'hour', notice: { limit: 60, until: noon + hourMs } },
      })
      const [silent] = await accept(store, many(who, 1), noon + hourMs - 1)
      expect(silent).toMatchObject({ pending: false, over: { reason: 'hour' } })
      expect(counted(await accept(store, many(who, 61), noon + hourMs))).toBe('60 1 0')
    })

    test.each([
      ['UTC', '2026-11-26T00:00:00Z', 24],
      ['Asia/Kathmandu', '2026-11-26T18:15:00Z', 24],
      // Clocks are put forward, and back.
      ['Europe/Berlin', '2026-03-28T23:00:00Z', 23],
      ['Europe/Berlin', '2026-10-24T22:00:00Z', 25],
      ['Australia/Lord_Howe', '2026-04-04T13:00:00Z', 24.5],
    ])(
      'the 500th and the 501st of a day of %s that begins at %s and has %s hours, over two processes',
      async (zone, midnight, hours) => {
        const who = newId()
        const [start, end] = [at(midnight), at(midnight) + hours * hourMs]
        const other = await place.another()
        const write = (count: number, when: number) =>
          accept(when % (2 * hourMs) < hourMs ? store : other, many(who, count), when, zone)
        expect(counted(await write(60, start - 1))).toBe('60 0 0')
        for (let hour = 0; hour < 8; hour += 1)
          expect(counted(await write(60, start + hour * hourMs))).toBe('60 0 0')
        expect(counted(await write(19, end - hourMs))).toBe('19 0 0')
        const [last, crossing] = await write(2, end - 1)
        expect(last?.over).toBeUndefined()
        expect(crossing?.over).toEqual({ reason: 'day', notice: { limit: 500, until: end } })
        expect(counted(await write(3, end - 1))).toBe('0 0 3')
        expect(counted(await write(61, end))).toBe('60 1 0')
      },
    )

    test('two processes at once, one of them restarted: exact', async () => {
      const who = newId()
      const one = await openStore(place.options, { onConnectionError: () => undefined })
      const other = await place.another()
      const first = await Promise.all(
        Array.from({ length: 40 }, (_, nth) => accept(nth % 2 ? one : other, many(who, 1))),
      )
      expect(counted(first.flat())).toBe('40 0 0')
      await one.close()
      const restarted = await place.another()
      const rest = await Promise.all(
        Array.from({ length: 40 }, (_, nth) => accept(nth % 2 ? restarted : other, many(who, 1))),
      )
      expect(counted(rest.flat())).toBe('20 1 19')
    })

    test('crowds in overlapping batches of two processes never stand in one another’s way', async () => {
      const other = await place.another()
      const crowd = Array.from({ length: 12 }, newId)
      const rounds = Array.from({ length: 30 }, (_, nth) => {
        const order = nth % 2 ? crowd : crowd.toReversed()
        return accept(
          nth % 3 ? store : other,
          order.map((who) => from(who)),
          noon,
          'UTC',
          {
            ...limits,
            perHour: 20,
          },
        )
      })
      expect(counted((await Promise.all(rounds)).flat())).toBe(`${12 * 20} 12 ${12 * 9}`)
    })

    test('neither what comes again, nor edits, nor staff count', async () => {
      const who = newId()
      const update = from(who)
      await Promise.all(Array.from({ length: 16 }, () => accept(store, [update])))
      expect(counted(await accept(store, many(who, 58)))).toBe('58 0 0')
      for (let edit = 0; edit < 5; edit += 1) await accept(store, [from(who, { kind: 'edit' })])
      await accept(store, [update, update])
      expect(counted(await accept(store, many(who, 2)))).toBe('1 1 0')
      const staff = newId()
      const immune = many(staff, 200).map((one) => ({ ...one, immune: true }))
      expect(counted(await accept(store, immune))).toBe('200 0 0')
    })

    test('an edit that is a question of its own counts, and is none for somebody over a limit', async () => {
      const who = newId()
      const rules = { ...limits, perHour: 2 }
      const [first] = await accept(store, many(who, 1), noon, 'UTC', rules)
      const id = first?.conversationId ?? ''
      await store.write((tx) => tx.turns.take([id], 'a', noon, noon + 5000))
      const edit = () => accept(store, [from(who, { kind: 'edit' })], noon + 1000, 'UTC', rules)
      const found = [await edit(), await edit(), await edit()].flat()
      expect(found.map(({ pending, over }) => [pending, over?.reason])).toEqual([
        [true, undefined],
        [true, 'hour'],
        [false, 'hour'],
      ])
    })

    test('of the edits of somebody blocked or banned no row is kept, and their question stays as it was', async () => {
      for (const until of [undefined, noon + hourMs]) {
        const who = newId()
        const [question] = await accept(store, [from(who, { platformId: '7' })])
        const id = question?.conversationId ?? ''
        await store.write((tx) => tx.limits.ban('telegram', who, until))
        const edits = () =>
          ['longer', 'longest'].map((text) => from(who, { kind: 'edit', platformId: '7', text }))
        const left = { conversationId: id, seq: 1, duplicate: true, pending: false }
        const over = { reason: until ? 'ban' : 'blocked' }
        expect(await accept(store, edits())).toMatchObject([
          { ...left, over },
          { ...left, over },
        ])
        await store.write((tx) => tx.turns.take([id], 'a', noon, noon + 5000))
        expect(await accept(store, edits(), noon + 1000)).toMatchObject([left, left])
        const rows = await store.read.messages.page(id, { limit: 10 })
        expect(rows.map(({ text }) => text)).toEqual(['a question'])
        const staff = edits().map((one) => ({ ...one, immune: true }))
        expect(await accept(store, staff, noon + 1000)).toMatchObject([{ seq: 2 }, { seq: 3 }])
        const [next] = await accept(store, [from(who)], noon + 1000)
        expect(next).toMatchObject({ seq: 4, duplicate: false, over })
      }
    })

    test('an edit that changes a question counts as one, and over a limit changes nothing', async () => {
      const who = newId()
      const rules = { ...limits, perHour: 2, banAfter: 3 }
      const edit = (text: string) => from(who, { kind: 'edit', platformId: '7', text })
      const write = (arrivals: Arrival[], now = noon) => accept(store, arrivals, now, 'UTC', rules)
      const [question] = await write([from(who, { platformId: '7' })])
      const id = question?.conversationId ?? ''
      const [, same, told, silent] = await write(['second', 'second', 'third', 'fourth'].map(edit))
      expect(same).toMatchObject({ duplicate: true })
      expect(told).toMatchObject({ pending: true, over: { reason: 'hour', notice: { limit: 2 } } })
      expect(silent).toMatchObject({ pending: false, over: { reason: 'hour' } })
      // They go on after the warning, and then nothing of it is kept any more.
      const more = Array.from({ length: 1000 }, (_, nth) => edit(`then ${nth}`))
      const found = await write(more, noon + 11_000)
      expect(found.slice(0, 3).map(({ over }) => over?.reason)).toEqual(['hour', 'hour', 'ban'])
      const left = { seq: 7, duplicate: true, over: { reason: 'ban' } }
      expect(found.slice(3)).toMatchObject(Array(997).fill(left))
      await write(more.slice(0, 2), noon + 11_000)
      const rows = await store.read.messages.page(id, { limit: 10 })
      expect(rows.map(({ state, text }) => `${state} ${text}`)).toEqual([
        'received second',
        'handled second',
        'received third',
        'handled fourth',
        'handled then 0',
        'handled then 1',
        'received then 2',
      ])
    })

    test('what an edit over a limit said is a question when it comes again within it', async () => {
      const who = newId()
      const rules = { ...limits, perHour: 1 }
      const edit = () => from(who, { kind: 'edit', platformId: '7', text: 'and cake?' })
      const [question] = await accept(store, [from(who, { platformId: '7' })], noon, 'UTC', rules)
      const id = question?.conversationId ?? ''
      const write = async (now: number) => {
        await store.write((tx) => tx.turns.take([id], 'a', now, now + 5000))
        return (await accept(store, [edit()], now + 1000, 'UTC', rules))[0]
      }
      expect(await write(noon)).toMatchObject({ pending: true, over: { reason: 'hour' } })
      expect(await write(noon + 10_000)).toMatchObject({ pending: false, over: { reason: 'hour' } })
      expect(await write(noon + hourMs)).toMatchObject({ pending: true, over: undefined })
      expect(await write(noon + hourMs + 10_000)).toMatchObject({ pending: false, duplicate: true })
    })

    test('of what is left out the beginning is kept, as much as the list of who waits shows', async () => {
      const who = newId()
      const long = () => from(who, { text: 'ä'.repeat(4096) })
      await store.write((tx) => tx.inbox.accept([from(who)], noon))
      await store.write((tx) => tx.limits.ban('telegram', who, undefined))
      const flood = Array.from({ length: 100 }, long)
      const [told] = await accept(store, [...flood, from(who, { text: 'call me' })])
      const rows = await store.read.messages.page(told?.conversationId ?? '', { limit: 200 })
      expect(rows.map(({ text }) => text.length)).toEqual([10, 4096, ...Array(99).fill(300), 7])
      expect(rows[2]?.text).toBe(`${'ä'.repeat(299)}…`)
      expect(await accept(store, flood.slice(1))).toMatchObject(Array(99).fill({ duplicate: true }))
    })

    test('one person in several chats of two processes is one person', async () => {
      const who = newId()
      const inChat = (name: string): Arrival =>
        from(who, { chat: { id: `${who}/${name}`, thread: '', kind: 'private' } })
      const other = await place.another()
      const rounds = Array.from({ length: 70 }, (_, nth) =>
        accept(nth % 2 ? store : other, [inChat(String(nth % 7))]),
      )
      expect(counted((await Promise.all(rounds)).flat())).toBe('60 1 9')
    })

    test('what is left out is in the history as said, and no work; what is told waits for its turn', async () => {
      const who = newId()
      const rules = { ...limits, perHour: 1 }
      const [first] = await accept(store, many(who, 3), noon, 'UTC', rules)
      const id = first?.conversationId ?? ''
      const rows = await store.read.messages.page(id, { limit: 10 })
      expect(rows.map(({ state, over }) => [state, over?.reason, over?.notice !== undefined])).toEqual([
        ['received', undefined, false],
        ['received', 'hour', true],
        ['handled', 'hour', false],
      ])
      const [taken] = await store.write((tx) => tx.turns.take([id], 'a', noon, noon + 1000))
      expect(taken?.pending.map(({ seq, over }) => [seq, over?.reason])).toEqual([
        [1, undefined],
        [2, 'hour'],
      ])
    })

    test('work rolled back was never counted', async () => {
      const who = newId()
      const { hourEnd, dayEnd } = createMoments('UTC')(noon)
      const failing = store.write(async (tx) => {
        await tx.inbox.accept(many(who, 60), noon, { limits, hourEnd, dayEnd })
        throw new Error('on purpose')
      })
      await expect(failing).rejects.toThrow('on purpose')
      expect(counted(await accept(store, many(who, 61)))).toBe('60 1 0')
    })
  })

  describe('staff', () => {
    const state = async (who: string, now = noon) => {
      const found = (await store.read.limits.restricted(now, 1000)).find((one) => one.platformId === who)
      return found && { state: found.state, until: found.until }
    }
    const lift = (who: string) => store.write((tx) => tx.limits.lift('telegram', who))
    const ban = (who: string, until?: number) => store.write((tx) => tx.limits.ban('telegram', who, until))

    test('sees who is limited, banned or blocked, and until when', async () => {
      const [over, banned, blocked, fine] = [newId(), newId(), newId(), newId()]
      await accept(store, [...many(over, 61), ...many(banned, 1), ...many(blocked, 1), ...many(fine, 60)])
      await ban(banned, noon + 5000)
      await ban(blocked)
      expect(await state(over)).toEqual({ state: 'limited', until: noon + hourMs })
      expect(await state(over, noon + hourMs)).toBeUndefined()
      expect(await state(banned)).toEqual({ state: 'banned', until: noon + 5000 })
      expect(await state(blocked)).toEqual({ state: 'blocked', until: undefined })
      expect(await state(fine)).toBeUndefined()
    })

    test('bans and lifts at once, also in other processes; a ban is told once', async () => {
      const who = newId()
      const other = await place.another()
      await accept(store, many(who, 1))
      expect(await ban(who, noon + 10_000)).toBe(true)
      const [told, silent] = await accept(other, many(who, 2))
      expect([told?.over, silent?.over]).toEqual([
        { reason: 'ban', notice: { until: noon + 10_000 } },
        { reason: 'ban' },
      ])
      expect(await lift(who)).toBe(true)
      expect(counted(await accept(other, many(who, 61)))).toBe('60 1 0')
      await ban(who)
      expect((await accept(other, many(who, 1)))[0]?.over).toEqual({ reason: 'blocked', notice: {} })
      await lift(who)
      expect(counted(await accept(other, many(who, 1)))).toBe('1 0 0')
    })

    test('is told when there is no such person', async () => {
      expect([await lift(newId()), await ban(newId(), noon)]).toEqual([false, false])
    })

    test('a person who goes on through every ban is blocked in the end', async () => {
      const who = newId()
      const rules = { ...limits, perHour: 1, banAfter: 1 }
      let now = noon
      for (const expected of ['ban', 'ban', 'ban', 'blocked']) {
        await accept(store, many(who, 2), now, 'UTC', rules)
        now += 11_000
        const [last] = await accept(store, many(who, 1), now, 'UTC', rules)
        expect(last?.over?.reason).toBe(expected)
        now += 5 * hourMs
      }
      expect(await state(who, now)).toEqual({ state: 'blocked', until: undefined })
    })
  })

  describe('model calls', () => {
    const rules = { perSession: 10, perDay: 50, sessionMs: hourMs }
    const contactOf = async (who: string): Promise<string> => {
      const [accepted] = await accept(store, many(who, 1))
      const [taken] = await store.write((tx) =>
        tx.turns.take([accepted?.conversationId ?? ''], 'a', noon, noon + 1000),
      )
      return taken?.contact.id ?? ''
    }
    const take = (contacts: string[], now = noon, at: Store = store) => {
      const { dayEnd } = createMoments('UTC')(now)
      return at.write((tx) => tx.limits.takeCalls(contacts, { now, dayEnd }, rules))
    }
    const granted = (answers: Awaited<ReturnType<typeof take>>): number =>
      answers.filter((refusal) => !refusal).length

    test('ten a session; an hour after the last call another one begins', async () => {
      const ann = await contactOf(newId())
      const later = noon + 600_000
      expect(granted(await take(Array.from({ length: 9 }, () => ann)))).toBe(9)
      expect(await take([ann, ann], later)).toEqual([
        undefined,
        { reason: 'session', limit: 10, until: later + hourMs },
      ])
      expect(granted(await take([ann], later + hourMs - 1))).toBe(0)
      expect(granted(await take([ann], later + hourMs))).toBe(1)
    })

    test('fifty a day, until its end', async () => {
      const ann = await contactOf(newId())
      const morning = at('2026-11-26T08:00:00Z')
      for (let session = 0; session < 5; session += 1) {
        const answers = await take(
          Array.from({ length: 10 }, () => ann),
          morning + session * 2 * hourMs,
        )
        expect(granted(answers)).toBe(10)
      }
      const midnight = at('2026-11-27T00:00:00Z')
      expect(await take([ann], midnight - 1)).toEqual([{ reason: 'day', limit: 50, until: midnight }])
      expect(granted(await take([ann], midnight))).toBe(1)
    })

    test('forty at once over two processes: ten; others of the batch are not held up', async () => {
      const [ann, bob] = [await contactOf(newId()), await contactOf(newId())]
      const other = await place.another()
      const answers = await Promise.all(
        Array.from({ length: 40 }, (_, nth) =>
          take(nth % 2 ? [ann] : [bob, ann], noon, nth % 3 ? store : other),
        ),
      )
      const flat = answers.flatMap((each, nth) =>
        nth % 2 ? [{ ann: each[0] }] : [{ bob: each[0] }, { ann: each[1] }],
      )
      expect(flat.filter((one) => 'ann' in one && !one.ann)).toHaveLength(10)
      expect(flat.filter((one) => 'bob' in one && !one.bob)).toHaveLength(10)
    })

    test('messages and calls of one person do not overwrite one another', async () => {
      const who = newId()
      const ann = await contactOf(who)
      await Promise.all(
        Array.from({ length: 20 }, (_, nth) => (nth % 2 ? take([ann]) : accept(store, many(who, 5)))),
      )
      expect(granted(await take([ann]))).toBe(0)
      expect(counted(await accept(store, many(who, 10)))).toBe('9 1 0')
    })

    test('a clock put back begins another session and day', async () => {
      const ann = await contactOf(newId())
      await take(Array.from({ length: 10 }, () => ann))
      expect(granted(await take([ann], noon - 48 * hourMs))).toBe(1)
    })
  })
})
