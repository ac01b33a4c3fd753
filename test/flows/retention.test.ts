import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLog } from '../../src/ops/log.ts'
import { bootApp, type TestApp } from '../support/app.ts'
import { createTurnedClock } from '../support/clock.ts'
import { cookieOf, openPage } from '../support/page.ts'

const clock = createTurnedClock(new Date().toISOString())
const patient = { timeout: 10_000 }
let log = ''
let running: TestApp
beforeAll(async () => {
  running = await bootApp({ clock, log: createLog('info', (line) => (log += line)) })
})
afterAll(() => running.close())

test('what was kept long enough is deleted by the running application, which says so', async () => {
  const { app, config } = running
  await app.call('/help', () => undefined)
  clock.passes(9 * 86_400_000)
  const keep = (conversationDays: number | undefined): void => {
    const retention = { ...config.retention, conversationDays }
    app.reload({ ...config, retention }, ['retention'])
  }
  const metrics = async () => (await fetch(`${app.address}/metrics`)).text()
  // Due since the installation began, as long as no run was completed.
  const [, overdue] = /^retention_overdue_seconds (\S+)$/m.exec(await metrics()) ?? []
  expect(Number(overdue)).toBeGreaterThanOrEqual(9 * 86_400)
  const runs = () => log.split('\n').filter((line) => line.includes('old rows deleted'))
  keep(undefined)
  await expect.poll(runs, patient).toHaveLength(1)
  expect(runs()[0]).not.toContain('messages')
  keep(7)
  await expect.poll(runs, patient).toHaveLength(2)
  expect(runs()[1]).toMatch(/"messages":2.*"conversations":1.*"complete":true/)
  expect(await metrics()).toContain('retention_deleted_rows_total{table="messages"} 2')
  expect(await metrics()).toContain('retention_overdue_seconds 0')
})

test('a page that was open all the time begins anew when the person writes again', async () => {
  const { app, config } = running
  const headers = { origin: app.address, cookie: await cookieOf(app.address) }
  const page = openPage(app.address, headers)
  const session = randomUUID()
  const say = (text: string) => page.send({ type: 'send', session, id: randomUUID(), text })
  const rows = () =>
    page.frames.flatMap((frame) => (frame.messages ?? []) as { seq: number; author: string }[])
  await page.until('hello')
  page.send({ type: 'open', session, after: 0 })
  say('/help')
  await expect.poll(() => rows().map(({ seq }) => seq), patient).toEqual([1, 2])
  clock.passes(9 * 86_400_000)
  app.reload({ ...config, retention: { ...config.retention, conversationDays: 8 } }, ['retention'])
  await expect.poll(() => log, patient).toMatch(/"messages":2[^]*"messages":2/)
  page.frames.length = 0
  say('/help')
  await expect.poll(() => rows().at(-1), patient).toMatchObject({ seq: 2, author: 'bot' })
  expect(page.frames.find(({ type }) => type === 'opened')).toMatchObject({ reset: true })
  expect(rows().map(({ seq }) => seq)).toEqual([1, 2])
  page.socket.close()
})
