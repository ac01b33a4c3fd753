import { expect, test } from 'vitest'
import { ParleyError } from '../model/errors.ts'
import { createGrace } from './grace.ts'

function graceAt(ms = 0) {
  const steady = { now: () => ms }
  const grace = createGrace({ holder: 'me', leaseMs: 5000, steady })
  const away = () => Promise.reject(new ParleyError('DATABASE_UNAVAILABLE'))
  return {
    passes: (more: number) => void (ms += more),
    find: () => grace.find(async (own) => own),
    read: () => grace.read(async (own) => own),
    write: () => grace.write(async (own) => own),
    failRead: () => expect(grace.read(away)).rejects.toThrow(),
    failWrite: () => expect(grace.write(away)).rejects.toThrow(),
    /** A write that takes so long. */
    longWrite: (tookMs: number) => grace.write(async () => void (ms += tookMs)),
    grace,
  }
}

test('as long as the database answers, leases that are over are anybody’s', async () => {
  const { read, write, grace } = graceAt()
  await expect(grace.read(() => Promise.reject(new TypeError('a fault')))).rejects.toThrow()
  expect([await read(), await write()]).toEqual([undefined, undefined])
})

test('whoever lost the database keeps to its own until a lease after the return, however long it was away', async () => {
  const { passes, read, write, failRead } = graceAt()
  await failRead()
  passes(60_000)
  expect(await write()).toBe('me')
  passes(1000)
  expect(await read()).toBe('me')
  passes(4999)
  expect([await read(), await write()]).toEqual(['me', 'me'])
  passes(1)
  expect([await read(), await write()]).toEqual([undefined, undefined])
})

test('a database that takes nothing, and can be read, is away', async () => {
  const { passes, read, write, failWrite } = graceAt()
  await failWrite()
  passes(20_000)
  expect(await read()).toBe('me')
  passes(20_000)
  expect(await write()).toBe('me')
  passes(5000)
  expect(await write()).toBeUndefined()
})

test('while only writing fails, work of others is rung for: the take in vain ends the grace', async () => {
  const { passes, find, read, write, failWrite, failRead } = graceAt()
  await failWrite()
  passes(60_000)
  expect([await find(), await read()]).toEqual([undefined, 'me'])
  expect(await write()).toBe('me')
  passes(5000)
  expect(await write()).toBeUndefined()
  await failRead()
  expect(await find()).toBe('me')
})

test('a second outage soon after the first is one as well', async () => {
  const { passes, read, failRead } = graceAt()
  await failRead()
  passes(10_000)
  expect(await read()).toBe('me')
  for (let ms = 3000; ms < 8500; ms += 500) {
    passes(500)
    await failRead()
  }
  passes(3000)
  expect(await read()).toBe('me')
  passes(4999)
  expect(await read()).toBe('me')
  passes(1)
  expect(await read()).toBeUndefined()
})

test('a database that was silent for half a lease was away, though nothing failed', async () => {
  const { longWrite, read } = graceAt()
  await longWrite(2499)
  expect(await read()).toBeUndefined()
  await longWrite(2500)
  expect(await read()).toBe('me')
})

test('what was asked before a failure and is answered after it does not say that the database is back', async () => {
  const { passes, grace, read, failRead } = graceAt()
  const answered = Promise.withResolvers<undefined>()
  const asked = grace.read(() => answered.promise)
  passes(1)
  await failRead()
  answered.resolve(undefined)
  await asked
  passes(5000)
  expect(await read()).toBe('me')
})

test('a call that fails for ever leaves what the dead held to others every other lease', async () => {
  const { passes, write, failWrite } = graceAt()
  const seen: boolean[] = []
  for (let second = 0; second < 40; second += 1) {
    await failWrite()
    passes(500)
    seen.push((await write()) === undefined)
    passes(500)
  }
  expect(seen.filter(Boolean).length).toBeGreaterThanOrEqual(15)
  expect(seen.slice(0, 12)).toContain(true)
})
