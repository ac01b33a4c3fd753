import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLog } from '../../src/ops/log.ts'
import { bootApp, type TestApp } from '../support/app.ts'
import { createTurnedClock } from '../support/clock.ts'

const clock = createTurnedClock(new Date().toISOString())
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
  const runs = () => log.split('\n').filter((line) => line.includes('old rows deleted'))
  keep(undefined)
  await expect.poll(runs).toHaveLength(1)
  expect(runs()[0]).not.toContain('messages')
  keep(7)
  await expect.poll(runs).toHaveLength(2)
  expect(runs()[1]).toMatch(/"messages":2.*"conversations":1.*"complete":true/)
  const metrics = await (await fetch(`${app.address}/metrics`)).text()
  expect(metrics).toContain('retention_deleted_rows_total{table="messages"} 2')
})
