import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../support/databases.ts'
import { createTelegramTown, type RunningApp, type TelegramTown } from '../support/telegram-app.ts'

/** Longest wait for what takes a moment on an idle machine, in milliseconds. */
const patienceMs = 20_000

let database: TestDatabase
let town: TelegramTown
let second: RunningApp
beforeAll(async () => {
  database = await createTestDatabase()
  town = await createTelegramTown()
  town.modelSays('An answer long enough that nobody has to doubt its confidence.')
})
afterAll(async () => {
  await town.close()
  await database.drop()
})

test('of two processes one polls, without a conflict; the other takes over when it is gone', async () => {
  const { bot } = town
  const first = await town.start({ databaseUrl: database.url })
  await bot.until(() => bot.state.poll !== undefined, patienceMs)
  second = await town.start({ databaseUrl: database.url })
  await bot.until(() => bot.state.calls.filter(({ method }) => method === 'getMe').length === 2, patienceMs)
  bot.person('1').writes('who answers while there are two?')
  await bot.waitForSent('1', 1, patienceMs)
  expect(bot.state.conflicts).toBe(0)

  await first.stop()
  bot.person('2').writes('and who answers when there is one?')
  await bot.waitForSent('2', 1, patienceMs)
  await bot.until(() => bot.state.updates.size === 0, patienceMs)
  expect(bot.sentTo('1')).toHaveLength(1)
  expect(bot.state.conflicts).toBe(0)
})

test('a poller outside is a counted conflict, no storm, and the reason in /health', async () => {
  const { bot, fake } = town
  await bot.until(() => bot.state.poll !== undefined, patienceMs)
  const polls = () => bot.state.calls.filter(({ method }) => method === 'getUpdates')
  const before = polls().length
  await fetch(`${fake.root}/bot${bot.state.token}/getUpdates?timeout=0`)
  const page = async (path: string) => (await fetch(`${second.address}${path}`)).text()
  await expect
    .poll(async () => JSON.parse(await page('/health')), { timeout: patienceMs })
    .toMatchObject({ checks: { telegram: { status: 'down', detail: expect.stringContaining('Conflict') } } })
  expect(await page('/metrics')).toMatch(/^telegram_conflicts_total 1$/m)
  bot.person('3').writes('still with us after that?')
  await bot.waitForSent('3', 1, patienceMs)
  const [theirs, ours] = polls().slice(before)
  expect((ours?.at ?? 0) - (theirs?.at ?? 0)).toBeGreaterThan(2500)
  expect(town.logged()).toContain('another process receives the updates of this bot')
})
