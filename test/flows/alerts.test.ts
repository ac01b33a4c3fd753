import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openStore } from '../../src/store/open.ts'
import { createTurnedClock } from '../support/clock.ts'
import { createTestDatabase, type TestDatabase } from '../support/databases.ts'
import {
  createTelegramTown,
  type RunningApp,
  type StartOptions,
  type TelegramTown,
} from '../support/telegram-app.ts'

const group = '-1009007199254740888'
const patienceMs = 20_000
/** As long as a process needs to look twice. */
const looksMs = 2500

const clock = createTurnedClock(new Date().toISOString())
let database: TestDatabase
let town: TelegramTown
let first: RunningApp
const apps: RunningApp[] = []
beforeAll(async () => {
  database = await createTestDatabase()
  town = await createTelegramTown()
  town.bot.group(group)
  town.modelSays('An answer long enough that nobody has to doubt its confidence.')
  first = await start()
  apps.push(first, await start())
})
afterAll(async () => {
  await town.close()
  await database.drop()
})

const start = (more: StartOptions = {}): Promise<RunningApp> =>
  town.start({
    databaseUrl: database.url,
    bot: { languages: ['ru', 'en'] },
    telegram: { agent_group: group },
    models: { tries: 1, breaker: { failures: 2, rest: '0ms' } },
    pipeline: { sweep: '100ms' },
    clock,
    ...more,
  })

const notes = (about: RegExp) => town.bot.sentTo(group).filter(({ text }) => about.test(text))
const untilNotes = (about: RegExp, count: number) =>
  town.bot.until(() => notes(about).length >= count, patienceMs)

test('what one of two processes finds is told once, in the language of the team, and once when it is over', async () => {
  const gone = town.bot.person('9001')
  gone.chat.state = 'blocked'
  gone.writes('are you there, whoever you are?')
  await untilNotes(/^Есть недоставленные ответы/, 1)
  const [note] = notes(/^Есть недоставленные/)
  expect(note?.text).toMatch(/Недоставленных ответов: 1[^]*docs\/runbooks\/dead-letters\.md/)
  expect(town.logged()).toContain('the team was told that something is wrong')
  await sleep(looksMs)
  expect(notes(/недоставленные/)).toHaveLength(1)

  const store = await openStore(first.config.database, { onConnectionError: () => undefined })
  const letters = await store.read.deadLetters.list(10, clock.now())
  await store.write((tx) =>
    tx.deadLetters.drop(letters.map(({ conversation, seq }) => ({ conversationId: conversation.id, seq }))),
  )
  await store.close()
  await sleep(looksMs)
  clock.passes(121_000)
  await untilNotes(/Снова в порядке[^]*недоставленные/, 1)
  await sleep(looksMs)
  expect(notes(/недоставленные/)).toHaveLength(2)
})

test('a model that is left alone, and a poller outside', async () => {
  town.models.always({ fault: { kind: 'status', status: 500 } })
  const polls = (): Promise<unknown> =>
    fetch(`${town.fake.root}/bot${town.bot.state.token}/getUpdates?timeout=0`)
  for (const id of ['9101', '9102', '9103', '9104']) {
    town.bot.person(id).writes('please tell me all of it, would you?')
    await polls()
    await town.bot.waitForSent(id, 1, patienceMs)
  }
  await sleep(looksMs)
  clock.passes(61_000)
  await untilNotes(/^Языковая модель не отвечает\n\nopenai\/gpt-fake уже/, 1)
  for (let tries = 0; tries < 40 && notes(/^Мои обновления получает кто-то/).length === 0; tries += 1) {
    await polls()
    await sleep(500)
  }
  expect(notes(/^Мои обновления получает кто-то/)).toHaveLength(1)
})

/** As the page for Prometheus counts them. */
async function deadLetters(): Promise<number> {
  const page = await (await fetch(`${first.address}/metrics`)).text()
  return Number(/^dead_letters (\d+)/m.exec(page)?.[1] ?? 0)
}

test('how many notes there may be is taken over while it runs', async () => {
  town.models.always({ tokens: ['An answer long enough that nobody has to doubt its confidence.'] })
  const set = (perHour: number) =>
    apps.forEach(({ app, config }) => app.reload({ ...config, alerts: { perHour } }, ['alerts']))
  set(0)
  clock.passes(3_600_000)
  const gone = town.bot.person('9002')
  gone.chat.state = 'blocked'
  gone.writes('are you still there, whoever you are?')
  await expect.poll(deadLetters, { timeout: patienceMs }).toBeGreaterThan(0)
  await sleep(looksMs)
  expect(notes(/^Есть недоставленные ответы/)).toHaveLength(1)
  set(6)
  await untilNotes(/^Есть недоставленные ответы/, 2)
})

test('that there never was a backup is told a day after the installation began', async () => {
  await start({ backup: { daily_at: '03:30' } })
  await sleep(looksMs)
  expect(notes(/резервной копии/)).toEqual([])
  clock.passes(26 * 3_600_000)
  await untilNotes(/^Нет свежей резервной копии\n\nНи одна копия[^]*docs\/runbooks\/backup-old\.md/, 1)
})
