import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { textsOf } from '../../src/model/texts/texts.ts'
import { createTestDatabase, type TestDatabase } from '../support/databases.ts'
import { createTelegramTown, type RunningApp, type TelegramTown } from '../support/telegram-app.ts'

const group = '-1009007199254740777'
const admin = '7001'
const said = 'An answer that is long enough to be sure of itself, and costs 16 tokens.'
/** Five calls of 16 tokens at a thousandth of a dollar each: the fourth reaches 80 %. */
const budget = 0.08

let database: TestDatabase
let town: TelegramTown
let polling: RunningApp
let other: RunningApp
beforeAll(async () => {
  database = await createTestDatabase()
  town = await createTelegramTown()
  town.bot.group(group)
  town.models.always({ tokens: [said], usage: { input: 30, output: 16, cached: 0 }, firstTokenMs: 20 })
  const options = {
    databaseUrl: database.url,
    bot: { admins: [admin] },
    telegram: { agent_group: group },
    models: { max_output_tokens: 16, context_tokens: 4000, budget: { daily: budget } },
    price: '0/1000',
  }
  polling = await town.start(options)
  other = await town.start(options)
})
afterAll(async () => {
  await town.close()
  await database.drop()
})

const notes = () => town.bot.sentTo(group).map(({ text }) => text)

test('the team is told once of 80 %, once of the end, whichever process it happens in', async () => {
  const people = Array.from({ length: 6 }, (_, index) => town.bot.person(String(8000 + index)))
  for (const person of people) person.writes('please tell me all of it, would you?')
  const calls = await Promise.all(
    Array.from({ length: 6 }, (_, index) =>
      (index % 2 ? polling : other).app.call('Tell me all of it, please.', () => undefined),
    ),
  )
  const answered = () => people.filter(({ chat }) => town.bot.sentTo(chat.id).length > 0).length
  await town.bot.until(() => answered() === people.length && notes().length >= 2, 20_000)
  const texts = [
    ...people.map(({ chat }) => town.bot.sentTo(chat.id)[0]?.text ?? ''),
    ...calls.map((call) => call.replies[0]?.text ?? ''),
  ]
  expect(texts.filter((text) => text.includes(said))).toHaveLength(5)
  const honest = texts.filter((text) => text.includes(textsOf('en').budgetSpent))
  expect(honest).toHaveLength(7)
  const [first, second] = notes()
  expect(first).toMatch(/runs low[^]*0\.0(64|80)0 of 0\.0800 USD are spent today[^]*until 00:00 \(UTC\)/)
  expect(second).toMatch(/used up[^]*offer a human/)

  town.bot.person('8100').writes('and me, would you tell me too?')
  await town.bot.waitForSent('8100', 1)
  await sleep(1500)
  expect(notes()).toHaveLength(2)
  expect(town.logged().match(/most of the budget for models is spent/g)).toHaveLength(1)
  expect(town.logged().match(/does not fit into what is left of the budget, answering/g)).toHaveLength(1)
})

test('staff see it in /status and are told what to do, others are not; metrics agree', async () => {
  const chief = town.bot.person(admin)
  chief.writes('/status')
  const [status] = await town.bot.waitForSent(admin, 1)
  expect(status?.text).toContain('Spent on models today: 0.0800 of 0.0800 USD')
  chief.writes('please tell me all of it, would you?')
  const [, reply] = await town.bot.waitForSent(admin, 2)
  expect(reply?.text).toContain('LLM_DAILY_BUDGET_USD')
  expect(town.bot.sentTo('8100')[0]?.text).not.toContain('LLM_DAILY_BUDGET_USD')
  town.bot.person('8101').writes('/status')
  const [own] = await town.bot.waitForSent('8101', 1)
  expect(own?.text).not.toContain('Spent')
  const page = await (await fetch(`${other.address}/metrics`)).text()
  expect(page).toContain('llm_daily_cost_usd 0.08')
  expect(page).toContain('llm_daily_budget_usd 0.08')
})

test('who looks after it sees that no call fits any more', async () => {
  expect(await (await fetch(`${other.address}/health`)).json()).toMatchObject({
    status: 'degraded',
    checks: {
      assistant: {
        status: 'down',
        detail: expect.stringMatching(/did not fit[^]*budget; until 00:00 \(UTC\)/),
      },
    },
  })
  expect((await fetch(`${other.address}/readyz`)).status).toBe(200)
  expect(await (await fetch(`${other.address}/api/status`)).json()).toMatchObject({ modelFault: 'budget' })
})
