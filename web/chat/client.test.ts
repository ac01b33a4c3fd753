import { randomUUID } from 'node:crypto'
import { afterEach, expect, test, vi } from 'vitest'
import type { ClientFrame, ServerFrame } from '../../src/http/contract/socket.ts'
import { memoryStorage } from '../ui/storage.ts'
import { type Client, type ClientNeeds, createClient } from './client.ts'
import { createOutbox } from './connection/outbox.ts'
import { type Respond, startServer, type TestServer } from './connection/server.fixture.ts'
import { someMessages } from './session/messages.fixture.ts'
import { viewOf } from './session/state.ts'

const session = randomUUID()
const open: { close(): unknown }[] = []
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close()
})

async function start(respond: Respond, storage = memoryStorage()) {
  const server = await startServer(respond)
  open.push(server)
  return { server, storage, client: connect(server, storage) }
}

function connect(server: TestServer, storage: Storage, more: Partial<ClientNeeds> = {}): Client {
  const outbox = createOutbox(storage)
  const needs = {
    url: server.url,
    session,
    outbox,
    newId: randomUUID,
    now: Date.now,
    random: () => 0,
    silenceMs: 5000,
    ...more,
  }
  const client = createClient(needs)
  open.push(client)
  return client
}

const answerOpen = (frame: ClientFrame): ServerFrame[] =>
  frame.type === 'open' ? [{ type: 'opened', session, messages: [], more: false, reset: true }] : []

const view = (client: Client) => viewOf(client.store.get(), session)

test('a message shows at once, is accepted, and leaves the outbox', async () => {
  const { client, storage } = await start((frame) =>
    frame.type === 'send' ? [{ type: 'accepted', session, id: frame.id, seq: 1 }] : answerOpen(frame),
  )
  client.send('hello')
  expect(client.store.get().drafts).toMatchObject([{ text: 'hello', state: 'pending' }])
  await vi.waitFor(() => expect(view(client).messages).toMatchObject([{ seq: 1, text: 'hello' }]))
  expect(storage.length).toBe(0)
})

test('what was not accepted is sent again under the same id, by the next page too', async () => {
  let deaf = true
  const ids: string[] = []
  const { client, server, storage } = await start((frame) => {
    if (frame.type !== 'send') return answerOpen(frame)
    ids.push(frame.id)
    return deaf ? [] : [{ type: 'accepted', session, id: frame.id, seq: 1 }]
  })
  await vi.waitFor(() => expect(view(client).opened).toBe(true))
  client.send('once')
  await vi.waitFor(() => expect(ids).toHaveLength(1))
  server.cut()
  await vi.waitFor(() => expect(ids).toHaveLength(2), 5000)
  client.close()
  deaf = false
  const next = connect(server, storage)
  await vi.waitFor(() => expect(view(next).messages).toHaveLength(1))
  expect(new Set(ids).size).toBe(1)
  expect(storage.length).toBe(0)
})

test('after a cut the session is asked for from the last message on', async () => {
  const after: number[] = []
  const { client, server } = await start((frame) => {
    if (frame.type !== 'open') return []
    after.push(frame.after)
    return [
      {
        type: 'opened',
        session,
        messages: someMessages(frame.after + 1, after.length * 2),
        more: false,
        reset: frame.after === 0,
      },
    ]
  })
  await vi.waitFor(() => expect(view(client).messages).toHaveLength(2))
  server.cut()
  await vi.waitFor(() => expect(view(client).messages).toHaveLength(4), 5000)
  expect(after).toEqual([0, 2])
})

test('a gap is closed by asking again', async () => {
  const { client, server } = await start((frame) =>
    frame.type === 'open'
      ? [
          {
            type: 'opened',
            session,
            messages: someMessages(frame.after + 1, frame.after === 0 ? 2 : 5),
            more: false,
            reset: false,
          },
        ]
      : [],
  )
  await vi.waitFor(() => expect(view(client).messages).toHaveLength(2))
  server.push({ type: 'messages', session, messages: someMessages(5, 5) })
  await vi.waitFor(() => expect(view(client).messages).toHaveLength(5))
})

test('a refused message fails visibly; one that may come later is sent again', async () => {
  const tries = new Map<string, number>()
  const { client } = await start((frame) => {
    if (frame.type !== 'send') return answerOpen(frame)
    tries.set(frame.text, (tries.get(frame.text) ?? 0) + 1)
    if (frame.text === 'never') return [{ type: 'error', code: 'FORBIDDEN', message: '', id: frame.id }]
    if (tries.get(frame.text) === 1)
      return [{ type: 'error', code: 'OVERLOADED', message: '', id: frame.id, retryAfterMs: 10 }]
    return [{ type: 'accepted', session, id: frame.id, seq: 1 }]
  })
  client.send('later')
  client.send('never')
  await vi.waitFor(() =>
    expect(client.store.get().drafts).toMatchObject([
      { text: 'never', state: 'failed', reason: 'FORBIDDEN' },
    ]),
  )
  expect(tries.get('later')).toBe(2)
})

type Refusal = Extract<ServerFrame, { type: 'error' }>

/** A server that takes its time to refuse, as `refusalOf` says, and keeps the rest in the order in which it takes it. */
function keeper(refusalOf: (text: string) => Pick<Refusal, 'retryAfterMs'> | undefined) {
  const kept: string[] = []
  const respond = async (frame: ClientFrame): Promise<ServerFrame[]> => {
    if (frame.type !== 'send') return answerOpen(frame)
    const refusal = refusalOf(frame.text)
    if (refusal) {
      await new Promise((resolve) => setTimeout(resolve, 300))
      return [{ type: 'error', code: 'DATABASE_UNAVAILABLE', message: '', id: frame.id, ...refusal }]
    }
    kept.push(frame.text)
    return [{ type: 'accepted', session: frame.session, id: frame.id, seq: kept.length }]
  }
  return { kept, respond }
}

test('what is written keeps its order when one is put off', async () => {
  let refusals = 2
  const { kept, respond } = keeper((text) =>
    text === 'second' && refusals-- > 0 ? { retryAfterMs: 100 } : undefined,
  )
  const { client } = await start(respond)
  await vi.waitFor(() => expect(view(client).opened).toBe(true))
  for (const text of ['first', 'second', 'third', 'fourth']) client.send(text)
  expect(client.store.get().drafts).toHaveLength(4)
  await vi.waitFor(() => expect(kept).toHaveLength(4), 5000)
  expect(kept).toEqual(['first', 'second', 'third', 'fourth'])
})

test('what is put off too often fails with all that was written behind it', async () => {
  let tries = 0
  const { kept, respond } = keeper(() => ((tries += 1) <= 9 ? { retryAfterMs: 1 } : undefined))
  const { client, storage } = await start(respond)
  for (const text of ['first', 'second', 'third']) client.send(text)
  const states = () => client.store.get().drafts.map(({ state, reason }) => `${state} ${reason}`)
  const failed = 'failed DATABASE_UNAVAILABLE'
  await vi.waitFor(() => expect(states()).toEqual([failed, failed, failed]), 9000)
  expect(tries).toBe(9)
  expect(createOutbox(storage).load(Date.now())).toEqual(client.store.get().drafts)
  for (const { id } of client.store.get().drafts) client.retry(id)
  await vi.waitFor(() => expect(kept).toEqual(['first', 'second', 'third']))
})

test('a session whose message was not answered yet holds up no other', async () => {
  const tries: string[] = []
  const { client } = await start((frame) => {
    if (frame.type === 'send') tries.push(frame.text)
    return answerOpen(frame)
  })
  await vi.waitFor(() => expect(view(client).opened).toBe(true))
  for (const text of ['unanswered', 'behind it']) client.send(text)
  client.show(randomUUID())
  client.send('elsewhere')
  await vi.waitFor(() => expect(tries).toEqual(['unanswered', 'elsewhere']))
})

test('what was written in one moment, or while a clock was set back, goes in order from the next page too', async () => {
  const times = [9, 9, 9, 9, 9, 1, 2, 2]
  const { server, storage } = await start(answerOpen)
  const client = connect(server, storage, { now: () => times.shift() ?? 2 })
  const texts = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
  for (const text of texts) client.send(text)
  const kept = createOutbox(storage).load(9)
  expect(kept.map(({ text }) => text)).toEqual(texts)
})

test('words in a burst follow each other within the time in which a person may go on typing', async () => {
  const at: number[] = []
  const { client } = await start((frame) => {
    if (frame.type !== 'send') return answerOpen(frame)
    at.push(performance.now())
    return [{ type: 'accepted', session, id: frame.id, seq: at.length }]
  })
  await vi.waitFor(() => expect(view(client).opened).toBe(true))
  for (const text of ['a', 'b', 'c', 'd', 'e']) client.send(text)
  await vi.waitFor(() => expect(at).toHaveLength(5), 5000)
  const gaps = at.slice(1).map((time, index) => time - (at[index] ?? 0))
  expect(gaps.toSorted((a, b) => a - b)[2]).toBeLessThan(300)
})

test('a server that falls silent is given up and found again', async () => {
  const server = await startServer((frame) => answerOpen(frame))
  open.push(server)
  const client = connect(server, memoryStorage(), { silenceMs: 150 })
  await vi.waitFor(() => expect(view(client).opened).toBe(true))
  client.send('into the void')
  await vi.waitFor(() => expect(server.connections()).toBe(2), 5000)
})

test('many messages written while offline go in order, and not faster than the server allows', async () => {
  const texts: string[] = []
  const storage = memoryStorage()
  const outbox = createOutbox(storage)
  for (const at of [1, 2, 3, 4])
    outbox.put({ id: randomUUID(), session, text: `${at}`, at: Date.now() + at, state: 'pending' })
  const started = Date.now()
  const { client } = await start((frame) => {
    if (frame.type !== 'send') return answerOpen(frame)
    texts.push(frame.text)
    return [{ type: 'accepted', session, id: frame.id, seq: texts.length }]
  }, storage)
  await vi.waitFor(() => expect(view(client).messages).toHaveLength(4), 5000)
  expect(texts).toEqual(['1', '2', '3', '4'])
  expect(Date.now() - started).toBeGreaterThan(300)
})

test('a browser the server does not know introduces itself and comes back', async () => {
  const server = await startServer(answerOpen, { strangers: 1 })
  open.push(server)
  let introduced = 0
  const needs = {
    url: server.url,
    session,
    outbox: createOutbox(memoryStorage()),
    newId: randomUUID,
    now: Date.now,
  }
  const introduce = async () => (introduced += 1)
  const client = createClient({ ...needs, random: () => 0, introduce })
  open.push(client)
  await vi.waitFor(() => expect(view(client).opened).toBe(true), 5000)
  expect(introduced).toBe(1)
})

test('nonsense from the server changes nothing', async () => {
  const { client, server } = await start(answerOpen)
  await vi.waitFor(() => expect(view(client).opened).toBe(true))
  const before = client.store.get()
  for (const text of ['', '{', 'null', '[]', '{"type":"__proto__"}', '{"type":7}']) server.pushRaw(text)
  server.push({ type: 'pong' })
  client.refreshSessions()
  await vi.waitFor(() => expect(server.heard().at(-1)?.type).toBe('sessions'))
  expect(client.store.get()).toBe(before)
})
