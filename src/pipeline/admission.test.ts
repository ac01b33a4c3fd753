import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Channel } from '../channels/channel.ts'
import type { Incoming } from '../model/message.ts'
import { chatKey } from '../model/message.ts'
import { systemClock } from '../model/time.ts'
import type { Waiting } from '../store/store.ts'
import { type Admission, createAdmission } from './admission.ts'

const message = (channel: string, chat: string): Incoming => ({
  channel,
  account: 'bot',
  updateId: '1',
  chat: { id: chat, thread: '', kind: 'private' },
  sender: { id: chat, name: 'Ann', language: undefined },
  kind: 'text',
  text: 'hello',
  platformId: '',
})

const channelOf = (name: string, delivery: 'push' | 'pull') =>
  [name, { name, capabilities: { delivery } } as unknown as Channel] as const

let found: Waiting
let delay: number
let counts: number
let told: string[]
let admission: Admission

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  found = { received: 0, queued: 0, crowded: [] }
  ;[delay, counts, told] = [0, 0, []]
  admission = createAdmission({
    store: { read: { messages: { waiting: async () => (counts++, found) } } },
    channels: new Map([channelOf('telegram', 'push'), channelOf('web', 'pull')]),
    events: {
      messageRefused: ({ reason }) => void told.push(reason),
      overloaded: ({ reason, received }) => void told.push(`begins: ${reason} ${received}`),
      relieved: ({ refused }) => void told.push(`over: ${refused}`),
    },
    delayMs: () => delay,
    mostWaiting: 20,
    mostDelayMs: 500,
    clock: systemClock,
  })
})
afterEach(() => {
  admission.close()
  vi.useRealTimers()
})

const take = (channel = 'telegram', chat = String(Math.random()), inLine?: boolean) =>
  admission.admit([message(channel, chat)], async () => 'stored', inLine)
const ofAll = async (count: number): Promise<unknown[]> =>
  (await Promise.allSettled(Array.from({ length: count }, () => take()))).map(({ status }) => status)

test('what was taken counts at once, and the rest is refused until it is counted that fewer wait', async () => {
  const results = await ofAll(25)
  expect(results.filter((status) => status === 'fulfilled')).toHaveLength(20)
  await expect(take()).rejects.toMatchObject({ code: 'OVERLOADED', status: 503 })
  expect(admission.isShedding()).toBe(true)
  found = { ...found, received: 18 }
  await vi.advanceTimersByTimeAsync(150)
  expect(await ofAll(3)).toEqual(['fulfilled', 'fulfilled', 'rejected'])
  expect(told.filter((word) => word.startsWith('begins'))).toEqual(['begins: backlog 20'])
  found = { ...found, received: 0 }
  await vi.advanceTimersByTimeAsync(6000)
  expect(told.at(-1)).toBe('over: 7')
  expect(admission.isShedding()).toBe(false)
})

test('what is being stored counts as well, what could not be stored does not', async () => {
  const { promise, reject } = Promise.withResolvers<void>()
  const underway = Array.from({ length: 20 }, (_, nth) =>
    admission.admit([message('web', String(nth))], () => promise),
  )
  await vi.advanceTimersByTimeAsync(600)
  await expect(take()).rejects.toMatchObject({ code: 'OVERLOADED' })
  reject(new Error('the database is away'))
  await Promise.allSettled(underway)
  await expect(take()).resolves.toBe('stored')
})

test('nothing is counted while nobody writes, and an old count refuses nobody', async () => {
  found = { ...found, received: 20 }
  await take()
  await expect(take()).rejects.toMatchObject({ code: 'OVERLOADED' })
  found = { ...found, received: 0 }
  await vi.advanceTimersByTimeAsync(1000)
  const before = counts
  await vi.advanceTimersByTimeAsync(3_600_000)
  expect(counts).toBe(before)
  await expect(take()).resolves.toBe('stored')
})

test('replies that a platform does not take stop only those who write there', async () => {
  found = { ...found, queued: 20 }
  await take('web')
  await expect(take('telegram')).rejects.toMatchObject({ code: 'OVERLOADED' })
  await expect(take('web')).resolves.toBe('stored')
})

test('a process that comes late to its work takes nothing', async () => {
  delay = 501
  await expect(take()).rejects.toMatchObject({ code: 'OVERLOADED' })
  delay = 20
  await vi.advanceTimersByTimeAsync(100)
  await expect(take()).resolves.toBe('stored')
})

test('one chat gets a tenth, whoever else writes is served; in a line it holds up nobody', async () => {
  expect([await take('web', 'ann'), await take('web', 'ann')]).toEqual(['stored', 'stored'])
  await expect(take('web', 'ann')).rejects.toMatchObject({ code: 'RATE_LIMITED', status: 429 })
  await expect(take('web', 'bob')).resolves.toBe('stored')
  await expect(take('web', 'ann', true)).resolves.toBe('stored')
  found = { ...found, received: 3, crowded: [chatKey(message('web', 'bob'))] }
  await vi.advanceTimersByTimeAsync(600)
  await take('web', 'dan')
  await expect(take('web', 'bob')).rejects.toMatchObject({ code: 'RATE_LIMITED' })
  await expect(take('web', 'ann')).resolves.toBe('stored')
})

test('a count that took long is not believed for longer than a second', async () => {
  let slowMs = 20_000
  admission.close()
  admission = createAdmission({
    store: {
      read: {
        messages: {
          waiting: async () => {
            await new Promise((resolve) => setTimeout(resolve, slowMs))
            return found
          },
        },
      },
    },
    channels: new Map([channelOf('telegram', 'push')]),
    events: { messageRefused: () => undefined, overloaded: () => undefined, relieved: () => undefined },
    delayMs: () => 0,
    mostWaiting: 20,
    mostDelayMs: 500,
    clock: systemClock,
  })
  await take()
  await vi.advanceTimersByTimeAsync(20_000)
  slowMs = 0
  await ofAll(25)
  expect(admission.isShedding()).toBe(true)
  await vi.advanceTimersByTimeAsync(1100)
  await expect(take()).resolves.toBe('stored')
})
