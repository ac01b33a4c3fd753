import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newId } from '../../src/model/ids.ts'
import { type Incoming, placeKey } from '../../src/model/message.ts'
import {
  type Accepted,
  type Arrival,
  type Handoff,
  provenAt,
  recordProof,
  type Store,
  type TurnCommit,
} from '../../src/store/store.ts'
import { execute } from '../support/sql.ts'
import { createTestStore, type DatabaseKind, type TestStore } from '../support/stores.ts'
import type { MigrationList } from '../../src/store/migrations/index.ts'

let updates = 0

/** Where its chats are. */
const telegram = [{ channel: 'telegram', account: '1' }]

function arrival(chat: string, text: string, more: Partial<Incoming> = {}, quietMs = 0): Arrival {
  updates += 1
  return {
    quietMs,
    incoming: {
      channel: 'telegram',
      account: '1',
      updateId: String(updates),
      chat: { id: chat, thread: '', kind: 'private' },
      sender: { id: chat, name: `Person ${chat}`, language: 'en' },
      kind: 'text',
      text,
      platformId: String(updates),
      ...more,
    },
  }
}

const chat = (): string => newId()

async function accept(store: Store, arrivals: Arrival[], now = 1000): Promise<Accepted[]> {
  return store.write((tx) => tx.inbox.accept(arrivals, now))
}

async function acceptOne(store: Store, item: Arrival, now = 1000): Promise<Accepted> {
  const [accepted] = await accept(store, [item], now)
  if (!accepted) throw new Error('nothing accepted')
  return accepted
}

function commitOf(conversationId: string, token: string, more: Partial<TurnCommit> = {}): TurnCommit {
  return {
    conversationId,
    token,
    epoch: 0,
    through: 1,
    language: 'en',
    attempt: 1,
    repliesAre: 'queued',
    replies: [{ text: 'answer', buttons: undefined }],
    turn: {
      id: newId(),
      source: 'faq',
      confidence: 0.9,
      trace: { rule: 'x' },
      inputTokens: 1,
      outputTokens: 2,
      costMicroUsd: 3,
      durationMs: 4,
      startedAt: 1000,
    },
    ...more,
  }
}

const texts = async (store: Store, id: string): Promise<string[]> =>
  (await store.read.messages.page(id, { limit: 100 })).map(
    (message) => `${message.seq} ${message.state} ${message.text}`,
  )

/** What whoever works on a store relies on. `list`: the migrations of its database, where they are not those of this version. */
export function storeContract(kind: DatabaseKind, list?: MigrationList): void {
  let place: TestStore
  let store: Store
  beforeAll(async () => {
    place = await createTestStore(kind, list)
    store = place.store
  })
  afterAll(() => place.drop())

  describe('inbox', () => {
    test('stores each update once, with contact and conversation, in sequence', async () => {
      const who = chat()
      const first = arrival(who, 'one')
      const accepted = await accept(store, [first, arrival(who, 'two'), first])
      expect(accepted.map(({ seq, duplicate, pending }) => ({ seq, duplicate, pending }))).toEqual([
        { seq: 1, duplicate: false, pending: true },
        { seq: 2, duplicate: false, pending: true },
        { seq: 1, duplicate: true, pending: false },
      ])
      const id = accepted[0]?.conversationId ?? ''
      expect(await texts(store, id)).toEqual(['1 received one', '2 received two'])
      expect(await store.read.conversations.find('telegram', '1', who, '')).toMatchObject({
        id,
        status: 'bot',
        epoch: 0,
      })
    })

    test('the same update from sixteen sides at once is stored once', async () => {
      const item = arrival(chat(), 'same')
      const other = await place.another()
      const all = await Promise.all(
        Array.from({ length: 16 }, (_, i) => acceptOne(i % 2 ? store : other, item)),
      )
      expect(all.filter((one) => !one.duplicate)).toHaveLength(1)
      expect(new Set(all.map((one) => one.conversationId)).size).toBe(1)
      expect(await texts(store, all[0]?.conversationId ?? '')).toEqual(['1 received same'])
    })

    test('many people at once from two processes: sequences without gaps', async () => {
      const people = Array.from({ length: 8 }, chat)
      const other = await place.another()
      const all = await Promise.all(
        Array.from({ length: 80 }, (_, i) =>
          acceptOne(i % 2 ? store : other, arrival(people[i % 8] ?? '', `m${i}`)),
        ),
      )
      for (const id of new Set(all.map((one) => one.conversationId))) {
        const rows = await store.read.messages.since(id, 0, 100)
        expect(rows.map((row) => row.seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
      }
    })

    test('people keep the name they had last, and stay who they are', async () => {
      const who = chat()
      const named = (text: string, name: string) =>
        arrival(who, text, { sender: { id: who, name, language: undefined } })
      const items = [named('one', 'Anna'), named('two', 'Anna'), named('three', 'Anna B.')]
      const contacts = []
      for (const item of items) {
        const { conversationId: id } = await acceptOne(store, item)
        const [taken] = await store.write((tx) => tx.turns.take([id], 'a', 1000, 2000))
        await store.write((tx) => tx.turns.release(id, 'a', 1000, false))
        contacts.push(taken?.contact)
      }
      expect(contacts.map((contact) => contact?.name)).toEqual(['Anna', 'Anna', 'Anna B.'])
      expect(new Set(contacts.map((contact) => contact?.id)).size).toBe(1)
    })

    test('keeps 64-bit ids, NUL and lone surrogates harmless', async () => {
      const { conversationId } = await acceptOne(
        store,
        arrival('9223372036854775807', 'a\0b \ud800 c', { extra: { label: 'x\0y' } }),
      )
      const [message] = await store.read.messages.since(conversationId, 0, 1)
      expect(message?.text).toBe('ab \ufffd c')
      expect((await store.read.conversations.get(conversationId))?.chatId).toBe('9223372036854775807')
    })

    test('an edit changes the question while nobody answered it, and never makes a turn', async () => {
      const who = chat()
      const { conversationId } = await acceptOne(store, arrival(who, 'helo', { platformId: '77' }))
      const edit = await acceptOne(store, arrival(who, 'hello', { platformId: '77', kind: 'edit' }))
      expect(edit.pending).toBe(false)
      expect(await texts(store, conversationId)).toEqual(['1 received hello', '2 handled hello'])
      const all = { conversationId, after: 0, before: 100, limit: 10 }
      await store.write((tx) => tx.turns.take([conversationId], 'a', 1000, 2000))
      await store.write((tx) => tx.turns.commit([commitOf(conversationId, 'a')], 1500))
      const [said] = await store.read.messages.said([all])
      expect(said?.map(({ text }) => text)).toEqual(['hello', 'answer'])
    })

    test('an edit of what is being answered is a question of its own', async () => {
      const who = chat()
      const { conversationId: id } = await acceptOne(store, arrival(who, 'loaf?', { platformId: '78' }))
      await store.write((tx) => tx.turns.take([id], 'a', 1000, 2000))
      const edit = await acceptOne(store, arrival(who, 'cake?', { platformId: '78', kind: 'edit' }), 1500)
      expect(edit.pending).toBe(true)
      expect(await texts(store, id)).toEqual(['1 received loaf?', '2 received cake?'])
      const [committed] = await store.write((tx) => tx.turns.commit([commitOf(id, 'a')], 1600))
      expect(committed?.pendingSince).toBe(1500)
      const [next] = await store.write((tx) => tx.turns.take([id], 'a', 1700, 2700))
      expect(next?.pending.map(({ text }) => text)).toEqual(['cake?'])
      expect(next?.dueAt).toBe(1500)
    })

    test('so it is where whoever answers could not renew its lease', async () => {
      const who = chat()
      const { conversationId: id } = await acceptOne(store, arrival(who, 'loaf?', { platformId: '85' }))
      await store.write((tx) => tx.turns.take([id], 'a', 1000, 2000))
      const edit = await acceptOne(store, arrival(who, 'cake?', { platformId: '85', kind: 'edit' }), 5000)
      expect(edit.pending).toBe(true)
      await store.write((tx) => tx.turns.commit([commitOf(id, 'a')], 5100))
      expect(await texts(store, id)).toEqual(['1 handled loaf?', '2 received cake?', '3 queued answer'])
    })

    test('an edit that says nothing else, or comes when nothing waits, leaves no row', async () => {
      const who = chat()
      const edit = (text: string) => arrival(who, text, { platformId: '79', kind: 'edit' })
      const { conversationId: id } = await acceptOne(store, arrival(who, 'loaf?', { platformId: '79' }))
      const nothing = { conversationId: id, duplicate: true, pending: false, seq: 1 }
      expect(await acceptOne(store, edit('loaf?'))).toMatchObject(nothing)
      await store.write((tx) => tx.turns.take([id], 'a', 1000, 2000))
      expect(await acceptOne(store, edit('loaf?'), 1500)).toMatchObject(nothing)
      await store.write((tx) => tx.turns.commit([commitOf(id, 'a')], 1600))
      const many = Array.from({ length: 1000 }, (_, nth) => edit(`loaf ${nth}?`))
      const unknown = arrival(who, 'never seen', { platformId: '80', kind: 'edit' })
      expect(await accept(store, [...many, unknown], 1700)).toHaveLength(1001)
      expect(await texts(store, id)).toEqual(['1 handled loaf?', '2 queued answer'])
    })

    test('while something is answered an edit asks once, also of an older message; an unknown one asks', async () => {
      const who = chat()
      const edit = (text: string, platformId: string) => arrival(who, text, { platformId, kind: 'edit' })
      const { conversationId: id } = await acceptOne(store, arrival(who, 'loaf?', { platformId: '81' }))
      await store.write((tx) => tx.turns.take([id], 'a', 1000, 2000))
      await store.write((tx) => tx.turns.commit([commitOf(id, 'a')], 1100))
      await acceptOne(store, arrival(who, 'price?', { platformId: '82' }), 1200)
      await store.write((tx) => tx.turns.take([id], 'a', 1300, 2300))
      const edits = [edit('loaf?', '81'), edit('cake?', '81'), edit('cake?', '81'), edit('loaf?', '83')]
      const accepted = await accept(store, edits, 1400)
      expect(accepted.map(({ pending, duplicate }) => [pending, duplicate])).toEqual([
        [false, true],
        [true, false],
        [false, true],
        [true, false],
      ])
      expect((await acceptOne(store, edit('cake?', '81'), 1500)).pending).toBe(false)
    })

    test('of several edits the last is the question, whichever transaction they came in, and none comes again', async () => {
      const who = chat()
      const edit = (text: string) => arrival(who, text, { platformId: '84', kind: 'edit' })
      const [first, second] = [edit('two'), edit('three')]
      const [{ conversationId: id } = { conversationId: '' }] = await accept(store, [
        arrival(who, 'one', { platformId: '84' }),
        first,
        second,
      ])
      expect(await texts(store, id)).toEqual(['1 received three', '2 handled two', '3 handled three'])
      expect(await accept(store, [first, second])).toMatchObject([{ duplicate: true }, { duplicate: true }])
      await acceptOne(store, edit('four'))
      await accept(store, [edit('four'), edit('five')])
      await acceptOne(store, first)
      expect((await texts(store, id))[0]).toBe('1 received five')
    })

    test('the quiet window moves with each message, up to its end', async () => {
      const who = chat()
      expect((await acceptOne(store, arrival(who, 'a', {}, 100), 1000)).dueAt).toBe(1100)
      expect((await acceptOne(store, arrival(who, 'b', {}, 100), 1080)).dueAt).toBe(1180)
      expect((await acceptOne(store, arrival(who, 'c', {}, 100), 1490)).dueAt).toBe(1500)
      expect((await acceptOne(store, arrival(who, '/cancel', {}, 0), 1495)).dueAt).toBe(1495)
    })
  })

  describe('turns', () => {
    test('one lease at a time; the pending messages come along; it expires', async () => {
      const who = chat()
      const { conversationId: id } = await acceptOne(store, arrival(who, 'question'))
      const other = await place.another()
      const taken = await Promise.all([
        store.write((tx) => tx.turns.take([id], 'a', 1000, 2000)),
        other.write((tx) => tx.turns.take([id], 'b', 1000, 2000)),
      ])
      expect(taken.flat()).toHaveLength(1)
      expect(taken.flat()[0]).toMatchObject({
        attempt: 1,
        contact: { platformId: who, name: `Person ${who}` },
      })
      expect(taken.flat()[0]?.pending.map((message) => message.text)).toEqual(['question'])
      const again = await store.write((tx) => tx.turns.take([id], 'c', 2000, 3000))
      expect(again[0]?.attempt).toBe(2)
    })

    test('commits once, guarded by token and epoch', async () => {
      const { conversationId: id } = await acceptOne(store, arrival(chat(), 'question'))
      await store.write((tx) => tx.turns.take([id], 'old', 1000, 2000))
      await store.write((tx) => tx.turns.take([id], 'new', 2000, 3000))
      const late = await store.write((tx) => tx.turns.commit([commitOf(id, 'old')], 2100))
      expect(late).toEqual([undefined])
      const commit = commitOf(id, 'new')
      const good = await store.write((tx) => tx.turns.commit([commit], 2100))
      expect(good).toEqual([{ lastSeq: 2, pendingSince: undefined, isRepeated: false }])
      const repeated = await store.write((tx) => tx.turns.commit([commit], 2200))
      expect(repeated).toEqual([{ lastSeq: 2, pendingSince: undefined, isRepeated: true }])
      expect(await texts(store, id)).toEqual(['1 handled question', '2 queued answer'])
      expect(await store.write((tx) => tx.turns.commit([commitOf(id, 'new')], 2100))).toEqual([undefined])
      expect(await store.read.turns.ofMessage(id, 2)).toMatchObject({
        source: 'faq',
        trace: { rule: 'x' },
        attempt: 1,
      })
    })

    test('a turn that took longer than can be kept is kept all the same', async () => {
      const { conversationId } = await acceptOne(store, arrival(chat(), 'question'))
      await store.write((tx) => tx.turns.take([conversationId], 'a', 2000, 7000))
      const commit = commitOf(conversationId, 'a')
      const turn = { ...commit.turn, durationMs: 90 * 86_400_000 }
      await store.write((tx) => tx.turns.commit([{ ...commit, turn }], 3000))
      expect(await store.read.turns.ofMessage(conversationId, 1)).toMatchObject({ durationMs: 2 ** 31 - 1 })
    })

    test('a bot that lost the conversation to a human commits nothing', async () => {
      const { conversationId: id } = await acceptOne(store, arrival(chat(), 'question'))
      await store.write((tx) => tx.turns.take([id], 'a', 1000, 2000))
      await store.write((tx) => tx.conversations.changeOwner(id, 'human', 1500))
      expect(await store.write((tx) => tx.turns.commit([commitOf(id, 'a')], 1600))).toEqual([undefined])
      expect(await texts(store, id)).toEqual(['1 received question'])
    })

    test('messages that arrive meanwhile wait for the next turn', async () => {
      const who = chat()
      const { conversationId: id } = await acceptOne(store, arrival(who, 'one'))
      await store.write((tx) => tx.turns.take([id], 'a', 1000, 2000))
      await acceptOne(store, arrival(who, 'two'), 1300)
      expect(await store.write((tx) => tx.turns.commit([commitOf(id, 'a')], 1500))).toEqual([
        { lastSeq: 3, pendingSince: 1300, isRepeated: false },
      ])
      const [next] = await store.write((tx) => tx.turns.take([id], 'b', 1600, 2000))
      expect(next?.pending.map((message) => message.text)).toEqual(['two'])
      expect(next?.attempt).toBe(1)
    })

    test('what arrives while a turn commits is never forgotten', async () => {
      const other = await place.another()
      for (let round = 0; round < 40; round += 1) {
        const who = chat()
        const { conversationId: id } = await acceptOne(store, arrival(who, 'one'))
        await store.write((tx) => tx.turns.take([id], 'a', 1000, 2000))
        const [[committed]] = await Promise.all([
          store.write((tx) => tx.turns.commit([commitOf(id, 'a')], 1500)),
          acceptOne(other, arrival(who, 'two'), 1300),
        ])
        expect(committed).toBeDefined()
        const [next] = await store.write((tx) => tx.turns.take([id], 'b', 2000, 3000))
        expect(next?.pending.map((message) => message.text)).toEqual(['two'])
      }
    })

    test('in a group one turn answers one person', async () => {
      const group = { id: chat(), thread: '', kind: 'group' as const }
      const by = (id: string, text: string): Arrival =>
        arrival(group.id, text, { chat: group, sender: { id, name: id, language: undefined } })
      const [first] = await accept(store, [
        by('ann', 'a1'),
        by('ann', 'a2'),
        by('bob', 'b1'),
        by('ann', 'a3'),
      ])
      const [taken] = await store.write((tx) => tx.turns.take([first?.conversationId ?? ''], 'a', 1000, 2000))
      expect(taken?.contact.platformId).toBe('ann')
      expect(taken?.pending.map((message) => message.text)).toEqual(['a1', 'a2'])
    })

    /** Takes and commits turn after turn; the texts of each. */
    async function turnsOf(id: string, messages: number): Promise<string[][]> {
      const turns: string[][] = []
      for (let now = 2000; ; now += 1) {
        const [taken] = await store.write((tx) => tx.turns.take([id], 't', now, now + 1000))
        if (!taken) return turns
        turns.push(taken.pending.map((message) => message.text))
        const through = taken.pending.at(-1)?.seq ?? 0
        const [committed] = await store.write((tx) =>
          tx.turns.commit([commitOf(id, 't', { through, replies: [] })], now),
        )
        expect(committed?.pendingSince !== undefined).toBe(turns.flat().length < messages)
      }
    }

    test('of a flood a turn takes 200 messages; the rest is the next turns, in order', async () => {
      const who = chat()
      const flood = Array.from({ length: 1000 }, (_, i) => `m${i}`)
      const [first] = await accept(
        store,
        flood.map((text) => arrival(who, text)),
      )
      await acceptOne(store, arrival(chat(), 'of somebody else'))
      const turns = await turnsOf(first?.conversationId ?? '', 1000)
      expect(turns.map((texts) => texts.length)).toEqual([200, 200, 200, 200, 200])
      expect(turns.flat()).toEqual(flood)
    })

    test('of several floods that are taken together each turn has 200 messages of its own', async () => {
      const [one, other] = [chat(), chat()]
      const accepted = await accept(
        store,
        Array.from({ length: 500 }, (_, index) => arrival(index % 2 === 0 ? one : other, 'x')),
      )
      const ids = accepted.slice(0, 2).map(({ conversationId }) => conversationId)
      const taken = await store.write((tx) => tx.turns.take(ids, 't', 2000, 3000))
      expect(taken.map(({ pending }) => pending.length)).toEqual([200, 200])
    })

    test('the sweep gets as many as it asks for, who waits the longest first', async () => {
      const channel = 'aged'
      const aged = [{ channel, account: '1' }]
      const ids: string[] = []
      for (const at of [3000, 1000, 2000]) {
        const { conversationId } = await acceptOne(store, arrival(chat(), 'x', { channel }), at)
        ids.push(conversationId)
        const to = { channel, account: '1', chatId: chat(), threadId: '', kind: 'private' as const }
        const reply = { text: 'news', buttons: undefined }
        ids.push((await store.write((tx) => tx.outbox.post(to, reply, 'queued', at))).conversationId)
      }
      expect(await store.read.turns.waiting(9000, aged, 2, 1000)).toEqual([ids[2], ids[4]])
      expect(await store.read.outbox.due(9000, aged, 2, 1000)).toEqual([ids[3], ids[5]])
    })

    test('released work is due again later; waiting finds it, for the accounts asked', async () => {
      const { conversationId: id } = await acceptOne(store, arrival(chat(), 'x', { channel: 'other' }))
      const other = [{ channel: 'other', account: '1' }]
      expect(await store.read.turns.waiting(1000, other, 10, 1000)).toEqual([id])
      expect(
        await store.read.turns.waiting(1000, [{ channel: 'other', account: '2' }, ...telegram], 10, 1000),
      ).not.toContain(id)
      await store.write((tx) => tx.turns.take([id], 'a', 1000, 2000))
      expect(await store.read.turns.waiting(1000, other, 10, 1000)).toEqual([])
      expect(await store.write((tx) => tx.turns.renew([id], 'a', 5000))).toEqual([id])
      expect(await store.write((tx) => tx.turns.renew([id], 'b', 9000))).toEqual([])
      await store.write((tx) => tx.turns.release(id, 'a', 7000, true))
      expect(await store.read.turns.waiting(6999, other, 10, 1000)).toEqual([])
      expect(await store.read.turns.waiting(7000, other, 10, 1000)).toEqual([id])
    })

    test('a failing work undoes only its own changes, also beside others', async () => {
      const who = chat()
      const results = await Promise.allSettled([
        store.write((tx) => tx.inbox.accept([arrival(who, 'kept')], 1000)),
        store.write(async (tx) => {
          await tx.inbox.accept([arrival(who, 'lost')], 1000)
          throw new Error('on purpose')
        }),
        store.write((tx) => tx.inbox.accept([arrival(who, 'kept too')], 1000)),
      ])
      expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
      const found = await store.read.conversations.find('telegram', '1', who, '')
      expect(new Set((await texts(store, found?.id ?? '')).map((text) => text.slice(2)))).toEqual(
        new Set(['received kept', 'received kept too']),
      )
    })
  })

  // The embedded database has one writer at a time anyway.
  if (kind === 'postgres') {
    test('a lease is taken although another process works on the conversation for a moment', async () => {
      const { conversationId } = await acceptOne(store, arrival(chat(), 'hello'))
      const other = await place.another()
      const held = Promise.withResolvers<void>()
      const released = Promise.withResolvers<void>()
      const writing = other.write(async (tx) => {
        await tx.conversations.summarize(conversationId, 'a summary', 1)
        // A change may still be on its way; what is read behind it is not.
        await tx.messages.since(conversationId, 0, 1)
        held.resolve()
        await released.promise
      })
      await held.promise
      const taking = store.write((tx) => tx.turns.take([conversationId], 'me', 2000, 7000))
      setTimeout(released.resolve, 50)
      await writing
      expect(await taking).toMatchObject([{ conversation: { id: conversationId, summary: 'a summary' } }])
    })
  }

  test('what waits for its time is told with that time, as long as nobody works on it', async () => {
    const { conversationId: id } = await acceptOne(store, { ...arrival(chat(), 'q'), quietMs: 500 })
    const later = (now: number) => store.read.turns.later([id], now, 1000)
    expect(await later(1499)).toEqual([{ conversationId: id, dueAt: 1500 }])
    expect(await later(1500)).toEqual([])
    await store.write((tx) => tx.turns.take([id], 'a', 1500, 9000))
    expect(await later(1499)).toEqual([])
  })

  describe('outbox', () => {
    async function withReplies(count: number): Promise<string> {
      const { conversationId: id } = await acceptOne(store, arrival(chat(), 'q'))
      await store.write((tx) => tx.turns.take([id], 't', 1000, 2000))
      const replies = Array.from({ length: count }, (_, i) => ({
        text: `r${i + 1}`,
        buttons: [[{ label: 'L', action: 'a' }]],
      }))
      await store.write((tx) => tx.turns.commit([commitOf(id, 't', { replies })], 1000))
      return id
    }

    test('hands out replies in order, one at a time, to one sender', async () => {
      const id = await withReplies(2)
      const other = await place.another()
      const claims = await Promise.all([
        store.write((tx) => tx.outbox.claim([id], 'a', 1000, 2000)),
        other.write((tx) => tx.outbox.claim([id], 'a', 1000, 2000)),
      ])
      expect(claims.flat()).toMatchObject([
        { seq: 2, text: 'r1', attempt: 1, uncertain: false, buttons: [[{ label: 'L' }]] },
      ])
      const sent = { kind: 'sent', platformId: '9' } as const
      const [lane] = await store.write((tx) =>
        tx.outbox.settle([{ conversationId: id, seq: 2, outcome: sent }], 'a', 1100, 2100),
      )
      expect(lane?.next).toMatchObject({ seq: 3, text: 'r2' })
      const [end] = await store.write((tx) =>
        tx.outbox.settle([{ conversationId: id, seq: 3, outcome: sent }], 'a', 1200, 2200),
      )
      expect(end).toEqual({ next: undefined, dueAt: undefined })
      expect(await texts(store, id)).toEqual(['1 handled q', '2 sent r1', '3 sent r2'])
      expect(await store.write((tx) => tx.outbox.claim([id], 'b', 1300, 2300))).toEqual([])
    })

    describe('with the commit of its turn', () => {
      const replies = ['r1', 'r2\0'].map((text) => ({ text, buttons: undefined }))
      /** Commits the turn of what waits, with room to send the first reply at once. */
      async function commitSending(id: string, holder: string, now: number) {
        const [taken] = await store.write((tx) => tx.turns.take([id], holder, now, now + 1000))
        const through = taken?.pending.at(-1)?.seq ?? 0
        const room = { until: now + 1000, conversationIds: new Set([id]) }
        const [committed] = await store.write((tx) =>
          tx.turns.commit([commitOf(id, holder, { through, replies })], now, room),
        )
        return committed?.delivery
      }

      test('the first reply is claimed, and the rest of the lane follows', async () => {
        const { conversationId: id } = await acceptOne(store, arrival(chat(), 'q'))
        const first = await commitSending(id, 'a', 1000)
        expect(first).toMatchObject({
          conversation: { id, channel: 'telegram', account: '1', kind: 'private' },
          seq: 2,
          turnId: expect.stringMatching(/^[0-9a-f-]{36}$/),
          text: 'r1',
          attempt: 1,
          plain: false,
          uncertain: false,
        })
        expect(await store.write((tx) => tx.outbox.claim([id], 'b', 1500, 2500))).toEqual([])
        const outcome = { kind: 'sent', platformId: '9' } as const
        const [lane] = await store.write((tx) =>
          tx.outbox.settle([{ conversationId: id, seq: 2, outcome }], 'a', 1500, 2500),
        )
        expect(lane?.next).toMatchObject({ seq: 3, turnId: first?.turnId, text: 'r2', attempt: 1 })
      })

      test('a holder that died leaves the reply in doubt', async () => {
        const { conversationId: id } = await acceptOne(store, arrival(chat(), 'q'))
        await commitSending(id, 'dead', 1000)
        expect(await store.write((tx) => tx.outbox.claim([id], 'next', 2000, 3000))).toMatchObject([
          { seq: 2, attempt: 2, uncertain: true },
        ])
      })

      test('is not claimed again where the same process took the lane in the same millisecond', async () => {
        const id = await withReplies(1)
        const { chatId = '' } = (await store.read.conversations.get(id)) ?? {}
        await acceptOne(store, arrival(chatId, 'and?'))
        expect(await store.write((tx) => tx.outbox.claim([id], 'a', 2000, 3000))).toMatchObject([{ seq: 2 }])
        expect(await commitSending(id, 'a', 2000)).toBeUndefined()
      })

      test('is not claimed while another reply is sent, or waits its time before it', async () => {
        const id = await withReplies(1)
        const [first] = await store.write((tx) => tx.outbox.claim([id], 'a', 1000, 5000))
        expect(first?.seq).toBe(2)
        const { chatId = '' } = (await store.read.conversations.get(id)) ?? {}
        await acceptOne(store, arrival(chatId, 'and?'))
        expect(await commitSending(id, 'b', 2000)).toBeUndefined()
        const outcome = { kind: 'retry', at: 9000, error: '502', plain: false } as const
        await store.write((tx) =>
          tx.outbox.settle([{ conversationId: id, seq: 2, outcome }], 'a', 2500, 3500),
        )
        await acceptOne(store, arrival(chatId, 'well?'))
        expect(await commitSending(id, 'b', 3000)).toBeUndefined()
        expect(await store.write((tx) => tx.outbox.claim([id], 'b', 9000, 9999))).toMatchObject([{ seq: 2 }])
      })
    })

    test('what waits is counted as far as wanted, with the chats that have too much of it', async () => {
      const [busy, calm] = [chat(), chat()]
      for (const id of [busy, busy, busy, calm]) await acceptOne(store, arrival(id, 'well?'))
      const accounts = [{ channel: 'telegram', account: '1' }]
      const waiting = (most: number, ofChat: number) =>
        store.read.messages.waiting(accounts, most, ofChat, 1000)
      const { received, crowded } = await waiting(100_000, 3)
      expect(received).toBeGreaterThanOrEqual(4)
      expect(crowded).toContain(placeKey('telegram', '1', busy, ''))
      expect(crowded).not.toContain(placeKey('telegram', '1', calm, ''))
      const lane = await withReplies(3)
      await store.write((tx) => tx.outbox.claim([lane], 'a', 1000, 5000))
      const { chatId = '' } = (await store.read.conversations.get(lane)) ?? {}
      const inLane = placeKey('telegram', '1', chatId, '')
      expect((await waiting(100_000, 4)).crowded).not.toContain(inLane)
      await acceptOne(store, arrival(chatId, 'well?'))
      expect((await waiting(100_000, 4)).crowded).toContain(inLane)
      expect(await waiting(2, 1)).toEqual({ received: 2, queued: 2, crowded: [] })
      const none = { received: 0, queued: 0, crowded: [] }
      const other = [{ channel: 'telegram', account: '2' }]
      expect(await store.read.messages.waiting(other, 100_000, 1, 1000)).toEqual(none)
      expect(await store.read.messages.waiting([], 100_000, 1, 1000)).toEqual(none)
    })

    test('a retry waits its time at the head of its lane; waiting is not a try', async () => {
      const id = await withReplies(2)
      await store.write((tx) => tx.outbox.claim([id], 'a', 1000, 2000))
      const outcome = { kind: 'retry', at: 5000, error: '502', plain: true } as const
      const [lane] = await store.write((tx) =>
        tx.outbox.settle([{ conversationId: id, seq: 2, outcome }], 'a', 1000, 2000),
      )
      expect(lane).toEqual({ next: undefined, dueAt: 5000 })
      expect(await store.read.outbox.due(4999, telegram, 100, 1000)).not.toContain(id)
      expect(await store.read.outbox.due(5000, telegram, 100, 1000)).toContain(id)
      const another = [{ channel: 'telegram', account: '2' }]
      expect(await store.read.outbox.due(5000, another, 100, 1000)).toEqual([])
      const [again] = await store.write((tx) => tx.outbox.claim([id], 'b', 5000, 6000))
      expect(again).toMatchObject({ seq: 2, attempt: 2, plain: true, uncertain: false })
      const wait = { kind: 'wait', at: 8000, plain: true } as const
      await store.write((tx) =>
        tx.outbox.settle([{ conversationId: id, seq: 2, outcome: wait }], 'b', 5000, 6000),
      )
      const [third] = await store.write((tx) => tx.outbox.claim([id], 'c', 8000, 9000))
      expect(third).toMatchObject({ attempt: 2, plain: true })
      const uncounted = { ...outcome, at: 9000, uncounted: true }
      await store.write((tx) =>
        tx.outbox.settle([{ conversationId: id, seq: 2, outcome: uncounted }], 'c', 8000, 9000),
      )
      expect(await store.write((tx) => tx.outbox.claim([id], 'c', 9000, 9999))).toMatchObject([
        { attempt: 2, createdAt: 1000 },
      ])
      const failed = { kind: 'failed', error: 'blocked' } as const
      const [next] = await store.write((tx) =>
        tx.outbox.settle([{ conversationId: id, seq: 2, outcome: failed }], 'c', 9000, 9999),
      )
      expect(next?.next).toMatchObject({ seq: 3 })
      expect((await store.read.messages.backlog()).failed).toBeGreaterThan(0)
    })

    test('a sender that died leaves an uncertain delivery to the next, and is fenced', async () => {
      const id = await withReplies(1)
      await store.write((tx) => tx.outbox.claim([id], 'dead', 1000, 2000))
      expect(await store.write((tx) => tx.outbox.renew([id], 'dead', 2500))).toEqual([id])
      expect(await store.write((tx) => tx.outbox.claim([id], 'next', 2499, 3000))).toEqual([])
      expect(await store.write((tx) => tx.outbox.claim([id], 'next', 2500, 3000))).toMatchObject([
        { uncertain: true, attempt: 2 },
      ])
      const sent = { kind: 'sent', platformId: '1' } as const
      const late = await store.write((tx) =>
        tx.outbox.settle([{ conversationId: id, seq: 2, outcome: sent }], 'dead', 2600, 3000),
      )
      expect(late[0]?.next).toBeUndefined()
      expect(await texts(store, id)).toContain('2 sending answer'.replace('answer', 'r1'))
    })

    test('a settlement that comes twice, as its acknowledgement was lost, leaves no doubt about the next', async () => {
      const id = await withReplies(2)
      await store.write((tx) => tx.outbox.claim([id], 'a', 1000, 2000))
      const outcome = { kind: 'sent', platformId: '1' } as const
      const settle = () =>
        store.write((tx) => tx.outbox.settle([{ conversationId: id, seq: 2, outcome }], 'a', 1100, 2000))
      await settle()
      const [lane] = await settle()
      expect(lane?.next).toMatchObject({ seq: 3, uncertain: false, attempt: 1 })
    })

    test('the buttons under a sent message are found by its platform id', async () => {
      const id = await withReplies(1)
      const { chatId = '' } = (await store.read.conversations.get(id)) ?? {}
      const of = { channel: 'telegram', account: '1', chatId }
      await store.write((tx) => tx.outbox.claim([id], 'a', 1000, 2000))
      expect(await store.read.messages.buttonsOf(of, '')).toBeUndefined()
      const outcome = { kind: 'sent', platformId: '912' } as const
      await store.write((tx) =>
        tx.outbox.settle([{ conversationId: id, seq: 2, outcome }], 'a', 1100, undefined),
      )
      expect(await store.read.messages.buttonsOf(of, '912')).toEqual([[{ label: 'L', action: 'a' }]])
      expect(await store.read.messages.buttonsOf(of, '913')).toBeUndefined()
      expect(await store.read.messages.buttonsOf({ ...of, account: '2' }, '912')).toBeUndefined()
      expect(await store.read.messages.buttonsOf({ ...of, chatId: 'other' }, '912')).toBeUndefined()
    })

    test('posts of the bot itself go to old and new chats', async () => {
      const to = { channel: 'telegram', account: '1', chatId: chat(), threadId: '5', kind: 'group' as const }
      const first = await store.write((tx) =>
        tx.outbox.post(to, { text: 'one', buttons: undefined }, 'queued', 1000),
      )
      const second = await store.write((tx) =>
        tx.outbox.post(to, { text: 'two', buttons: undefined }, 'queued', 1000),
      )
      expect([first.seq, second.seq]).toEqual([1, 2])
      expect(second.conversationId).toBe(first.conversationId)
      expect(
        await store.write((tx) => tx.outbox.claim([first.conversationId], 'a', 1000, 2000)),
      ).toMatchObject([{ text: 'one' }])
    })
  })

  test('what is closed under a name stays so until the latest time told', async () => {
    const until = (now: number) => store.write((tx) => tx.leases.closedUntil('telegram:9', now))
    expect(await until(1000)).toBe(0)
    await store.write((tx) => tx.leases.close('telegram:9', 1000, 5000.5))
    await store.write((tx) => tx.leases.close('telegram:9', 1500, 3000))
    expect(await until(2000)).toBe(5001)
    await store.write((tx) => tx.leases.close('telegram:9', 2000, 9000))
    expect(await until(3000)).toBe(9000)
  })

  test('what a clock that was ahead closed holds nobody up, and gives way to what is closed now', async () => {
    const late = 50_000_000_000
    const now = late - 3_600_000
    const close = (at: number, until: number) => store.write((tx) => tx.leases.close('ahead:9', at, until))
    await close(late, late + 900_000)
    expect(await store.read.leases.closedUntil('ahead:9', now)).toBe(0)
    await close(now, now + 5000)
    expect(await store.read.leases.closedUntil('ahead:9', now)).toBe(now + 5000)
    // A minute between two clocks is none to speak of.
    await close(now - 60_000, now - 50_000)
    expect(await store.read.leases.closedUntil('ahead:9', now)).toBe(now + 5000)
  })

  test('the latest backup that was proven is known as that, whichever is proven later', async () => {
    const now = 60_000_000_000
    const prove = (takenAt: number, at: number) => store.write((tx) => recordProof(tx.leases, takenAt, at))
    await prove(now + 3_600_000, now + 3_600_000)
    await prove(now - 500_000, now)
    await prove(now - 900_000, now)
    expect(await provenAt(store.read.leases, now)).toBe(now - 500_000)
  })

  test('named leases have one holder, are extended by it and expire', async () => {
    const hold = (who: string, now: number): Promise<boolean> =>
      store.write((tx) => tx.leases.hold('poller:1', who, now, now + 100))
    expect(await hold('a', 1000)).toBe(true)
    expect(await hold('b', 1050)).toBe(false)
    expect(await hold('a', 1090)).toBe(true)
    expect(await hold('b', 1150)).toBe(false)
    expect(await hold('b', 1190)).toBe(true)
    await store.write((tx) => tx.leases.release('poller:1', 'a'))
    expect(await hold('a', 1200)).toBe(false)
    await store.write((tx) => tx.leases.release('poller:1', 'b'))
    expect(await hold('a', 1200)).toBe(true)
  })

  test('a clock turned back by two minutes leaves no lease behind', async () => {
    const late = 20_000_000_000
    const now = late - 120_000
    const { conversationId: id } = await acceptOne(store, arrival(chat(), 'q'), now)
    await store.write((tx) => tx.turns.take([id], 'a', late, late + 5000))
    expect(await store.read.turns.waiting(now, telegram, 1000, 5000)).toContain(id)
    expect(await store.write((tx) => tx.turns.take([id], 'b', now, now + 5000))).toHaveLength(1)
    await store.write((tx) => tx.turns.commit([commitOf(id, 'b')], now))
    await store.write((tx) => tx.outbox.claim([id], 'a', late, late + 5000))
    expect(await store.read.outbox.due(now, telegram, 1000, 5000)).toContain(id)
    expect(await store.write((tx) => tx.outbox.claim([id], 'b', now, now + 5000))).toHaveLength(1)
    await store.write((tx) => tx.leases.hold('turned', 'a', late, late + 5000))
    expect(await store.write((tx) => tx.leases.hold('turned', 'b', now, now + 5000))).toBe(true)
  })

  test('the longest lease is a live one to a process with a short one, whose clock is behind', async () => {
    const now = 25_000_000_000
    const ahead = now + 29_000
    const { conversationId: id } = await acceptOne(store, arrival(chat(), 'q'), now)
    await store.write((tx) => tx.turns.take([id], 'a', ahead, ahead + 60_000))
    expect(await store.write((tx) => tx.turns.take([id], 'b', now, now + 5000))).toEqual([])
    await store.write((tx) => tx.turns.commit([commitOf(id, 'a')], now))
    await store.write((tx) => tx.outbox.claim([id], 'a', ahead, ahead + 60_000))
    expect(await store.write((tx) => tx.outbox.claim([id], 'b', now, now + 5000))).toEqual([])
  })

  test('a lease of ten minutes, given by a clock that is almost as much ahead, is a live one', async () => {
    const now = 30_000_000_000
    const leaseMs = 600_000
    const ahead = now + leaseMs - 1
    const { conversationId: id } = await acceptOne(store, arrival(chat(), 'q'), now)
    await store.write((tx) => tx.turns.take([id], 'a', ahead, ahead + leaseMs))
    expect(await store.read.turns.waiting(now, telegram, 1000, leaseMs)).not.toContain(id)
    expect(await store.write((tx) => tx.turns.take([id], 'b', now, now + leaseMs))).toEqual([])
    await store.write((tx) => tx.turns.commit([commitOf(id, 'a')], now))
    await store.write((tx) => tx.outbox.claim([id], 'a', ahead, ahead + leaseMs))
    expect(await store.read.outbox.due(now, telegram, 1000, leaseMs)).not.toContain(id)
    expect(await store.write((tx) => tx.outbox.claim([id], 'b', now, now + leaseMs))).toEqual([])
    await store.write((tx) => tx.leases.hold('ahead', 'a', ahead, ahead + leaseMs))
    expect(await store.write((tx) => tx.leases.hold('ahead', 'b', now, now + leaseMs))).toBe(false)
  })

  test('a clock turned back by four minutes makes no message wait for them; a turn that waits its time does', async () => {
    const now = 40_000_000_000
    const { conversationId: id } = await acceptOne(store, arrival(chat(), 'q', {}, 30_000), now + 240_000)
    const { conversationId: patient } = await acceptOne(store, arrival(chat(), 'q', {}, 150_000), now)
    const waiting = await store.read.turns.waiting(now, telegram, 1000, 5000)
    expect(waiting).toContain(id)
    expect(waiting).not.toContain(patient)
    const take = () => store.write((tx) => tx.turns.take([id, patient], 'a', now, now + 5000))
    expect((await take()).map(({ conversation }) => conversation.id)).toEqual([id])
  })

  test('a clock turned back by hours holds nobody up', async () => {
    const late = 10_000_000_000
    const { conversationId: id } = await acceptOne(store, arrival(chat(), 'q'), late)
    await store.write((tx) => tx.turns.take([id], 'a', late, late + 5000))
    const now = late - 7_200_000
    expect(await store.read.turns.waiting(now, telegram, 1000, 1000)).toContain(id)
    expect(await store.write((tx) => tx.turns.take([id], 'b', now, now + 5000))).toHaveLength(1)
    await store.write((tx) => tx.turns.commit([commitOf(id, 'b')], now))
    await store.write((tx) => tx.outbox.claim([id], 'a', late, late + 5000))
    expect(await store.write((tx) => tx.outbox.claim([id], 'b', now, now + 5000))).toMatchObject([
      { uncertain: true },
    ])
    await store.write((tx) => tx.leases.hold('late', 'a', late, late + 5000))
    expect(await store.write((tx) => tx.leases.hold('late', 'b', now, now + 5000))).toBe(true)
  })

  test('lists a person’s conversations and pages through history', async () => {
    const who = chat()
    const session = (name: string, text: string): Arrival =>
      arrival(who, text, { channel: 'web', chat: { id: `${who}/${name}`, thread: '', kind: 'private' } })
    await acceptOne(store, session('one', 'the first'), 1000)
    const { conversationId } = await acceptOne(store, session('two', 'the second'), 2000)
    const list = await store.read.conversations.listOfContact('web', who, 10)
    expect(list.map((item) => item.title)).toEqual(['the second', 'the first'])
    for (let i = 0; i < 9; i += 1) await acceptOne(store, session('two', `more ${i}`), 3000)
    const page = await store.read.messages.page(conversationId, { before: 8, limit: 3 })
    expect(page.map((message) => message.seq)).toEqual([5, 6, 7])
    // Nothing of it was handled yet.
    const whole = { conversationId, after: 0, before: 100, limit: 10 }
    expect(await store.read.messages.said([whole])).toEqual([[]])
  })

  test('what was said is looked for in the thousand messages before, however many are left out', async () => {
    const who = chat()
    const { conversationId: id } = await acceptOne(store, arrival(who, 'long ago'))
    await store.write((tx) => tx.turns.take([id], 'w', 2000, 9000))
    await store.write((tx) => tx.turns.commit([commitOf(id, 'w', { replies: [] })], 2000))
    // What a version before this one kept of edits.
    await execute(
      place.options,
      `insert into messages (conversation_id, seq, author, kind, text, platform_id, update_id, state, attempts, next_at,
          plain, suspect, created_at)
        with recursive edits (nth) as (select 2 union all select nth + 1 from edits where nth < 5000)
        select '${id}', nth, 'contact', 'edit', 'again', '1', 'edit' || nth, 'handled', 0, 0, 0, 0, 1 from edits`,
    )
    const saidBefore = async (before: number) =>
      (await store.read.messages.said([{ conversationId: id, after: 0, before, limit: 40 }])).flat()
    expect(await saidBefore(1001)).toMatchObject([{ seq: 1 }])
    expect(await saidBefore(1002)).toEqual([])
    expect(await saidBefore(5001)).toEqual([])
  })

  test('a summary is kept without what PostgreSQL refuses, and none goes back behind a later one', async () => {
    const { conversationId } = await acceptOne(store, arrival(chat(), 'x'))
    const summarize = (text: string, seq: number) =>
      store.write((tx) => tx.conversations.summarize(conversationId, text, seq))
    await summarize('a\0b\ud800c', 2)
    await summarize('older', 1)
    expect(await store.read.conversations.get(conversationId)).toMatchObject({
      summary: 'ab\ufffdc',
      summarySeq: 2,
    })
  })

  test('what was said: a stretch of what is handled, with what came back', async () => {
    const who = chat()
    const button = [[{ label: 'More', action: '/more' }]]
    for (const text of ['one', 'two', 'three']) {
      const { conversationId, seq } = await acceptOne(
        store,
        arrival(who, text, { extra: { media: 'photo' } }),
      )
      await store.write((tx) => tx.turns.take([conversationId], 'w', 2000, 9000))
      const replies = [{ text: `${text}!`, buttons: button }]
      await store.write((tx) =>
        tx.turns.commit([commitOf(conversationId, 'w', { through: seq, replies })], 2000),
      )
    }
    const { conversationId } = await acceptOne(store, arrival(who, 'not answered yet'))
    const other = await acceptOne(store, arrival(chat(), 'somebody else'))
    const asked = (after: number, limit: number) => ({ conversationId, after, before: 8, limit })
    const [all = [], last = [], none, both] = await store.read.messages.said([
      asked(0, 10),
      asked(3, 2),
      { ...asked(0, 10), conversationId: other.conversationId },
      asked(4, 10),
    ])
    expect(all.map(({ seq, text }) => `${seq} ${text}`)).toEqual([
      '1 one',
      '2 one!',
      '3 two',
      '4 two!',
      '5 three',
      '6 three!',
    ])
    expect(last.map(({ seq }) => seq)).toEqual([5, 6])
    expect(none).toEqual([])
    expect(both).toEqual([
      expect.objectContaining({
        seq: 5,
        author: 'contact',
        kind: 'text',
        extra: { media: 'photo' },
        createdAt: 1000,
      }),
      expect.objectContaining({ seq: 6, author: 'bot', buttons: button, extra: undefined }),
    ])
  })

  describe('handoffs', () => {
    const person = async (channel: string) => {
      const who = chat()
      const { conversationId } = await acceptOne(store, arrival(who, 'human!', { channel }))
      const [taken] = await store.write((tx) => tx.turns.take([conversationId], 'a', 1000, 2000))
      return { conversationId, contactId: taken?.contact.id ?? '' }
    }
    const handoffOf = (
      { conversationId, contactId }: Awaited<ReturnType<typeof person>>,
      more: Partial<Handoff> = {},
    ): Handoff => ({
      id: newId(),
      conversationId,
      contactId,
      reason: 'asked',
      summary: 'human!',
      createdAt: 5,
      notes: 0,
      notedAt: undefined,
      ...more,
    })
    const offer = (handoff: Handoff) => store.write((tx) => tx.handoffs.offer(handoff))

    test('are open until closed, and found by their person; changed, they stay one', async () => {
      const ann = await person('telegram')
      expect(await store.read.handoffs.openOf(ann.contactId)).toBeUndefined()
      const handoff = handoffOf(ann)
      await offer(handoff)
      expect(await store.read.handoffs.openOf(ann.contactId)).toEqual(handoff)
      const changed = { ...handoff, summary: 'a\0b', notes: 1, notedAt: 7 }
      await offer(changed)
      expect(await store.read.handoffs.openOf(ann.contactId)).toEqual({ ...changed, summary: 'ab' })
      const later = handoffOf(ann, { createdAt: 6 })
      await offer(later)
      expect(await store.read.handoffs.openOf(ann.contactId)).toEqual(later)
      expect(await store.read.handoffs.open(10)).toContainEqual(later)
      const { find } = store.read.handoffs
      expect(await find(later.id.slice(-10))).toEqual([later.id])
      expect((await find(ann.conversationId.slice(-10))).toSorted()).toEqual(
        [handoff.id, later.id].toSorted(),
      )
      expect(await find(`x${later.id}`)).toEqual([])

      const close = (id: string) => store.write((tx) => tx.handoffs.close(id))
      expect(await close(later.id)).toEqual([later.id])
      expect(await close(later.id)).toEqual([])
      expect(await store.read.handoffs.openOf(ann.contactId)).toMatchObject({ id: handoff.id })
      // What is done stays done, though an answer under way still writes to it.
      await offer(later)
      expect(await close(ann.conversationId)).toEqual([handoff.id])
      expect(await store.read.handoffs.openOf(ann.contactId)).toBeUndefined()
      expect(await close(newId())).toEqual([])
    })

    test('tell how many notes a channel made in a time', async () => {
      const channel = newId()
      for (const [notes, notedAt] of [[1, 1000] as const, [2, 1001] as const, [1, 2000] as const])
        await offer(handoffOf(await person(channel), { notes, notedAt }))
      await offer(handoffOf(await person(channel)))
      await offer(handoffOf(await person('other'), { notes: 1, notedAt: 1500 }))
      expect(await store.read.handoffs.notes(channel, 1000, 2000)).toBe(3)
      expect(await store.read.handoffs.notes(channel, 999, 1999)).toBe(3)
      expect(await store.read.handoffs.notes(channel, 2000, 3000)).toBe(0)
    })
  })
}
