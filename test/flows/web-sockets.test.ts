import { once } from 'node:events'
import { afterEach, expect, test, vi } from 'vitest'
import { bootApp, type TestApp } from '../support/app.ts'
import { cookieOf, openPage } from '../support/page.ts'

let running: TestApp
afterEach(async () => {
  vi.useRealTimers()
  await running.close()
})

test('a socket that answers no ping for half a minute is ended, one that does stays', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  running = await bootApp({})
  const origin = running.app.address
  const headers = { origin, cookie: await cookieOf(origin) }
  const dead = openPage(origin, headers, { autoPong: false })
  const well = openPage(origin, headers)
  await Promise.all([dead.until('hello'), well.until('hello')])
  const pinged = Promise.all([once(dead.socket, 'ping'), once(well.socket, 'ping')])
  vi.advanceTimersByTime(30_000)
  await pinged
  // What follows the pong is handled after it.
  well.send({ type: 'ping' })
  await well.until('pong')
  vi.advanceTimersByTime(30_000)
  expect(await dead.closed).toBe(1006)
  well.send({ type: 'sessions' })
  await well.until('sessions')
  well.socket.close()
})
