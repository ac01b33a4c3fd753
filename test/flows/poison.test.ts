import { afterAll, beforeAll, expect, test } from 'vitest'
import { createMutator } from '../support/mutations.ts'
import { createTelegramTown, type RunningApp, type TelegramTown } from '../support/telegram-app.ts'

let town: TelegramTown
let app: RunningApp
beforeAll(async () => {
  town = await createTelegramTown()
  app = await town.start()
})
afterAll(() => town.close())

const crowd = [5001, 5002, 5003, 5004]
const said = crowd.map((id) => ({
  message_id: 1,
  date: 1,
  from: { id, is_bot: false, first_name: 'Ann', username: 'ann', language_code: 'en' },
  chat: { id, type: 'private', first_name: 'Ann' },
  text: 'hello there',
}))

/** What is still JSON of a spoiled message; a platform sends nothing else. */
function spoiled(count: number): unknown[] {
  const mutator = createMutator({
    seed: 20_261_126,
    texts: said.map((one) => JSON.stringify(one)),
    largest: 20_000,
  })
  const found: unknown[] = []
  while (found.length < count) {
    try {
      found.push(JSON.parse(mutator.next().toString()))
    } catch {
      // No JSON: it would not have come.
    }
  }
  return found
}

test('between hundreds of misshapen updates that are polled everybody is answered, and soon', async () => {
  const { bot } = town
  town.modelSays('This is the answer of the model, and it is long enough to be sure.')
  for (const id of crowd) bot.person(String(id))
  const people = Array.from({ length: 20 }, (_, nth) => String(9001 + nth))
  const began = performance.now()
  for (const [nth, content] of spoiled(600).entries()) {
    if (nth % 30 === 0) bot.person(people[nth / 30] ?? '').writes('what can you do for me?')
    bot.update(nth % 2 === 0 ? 'message' : 'edited_message', String(crowd[0]), content)
  }
  for (const id of people) await bot.waitForSent(id, 1, 10_000)
  expect(performance.now() - began).toBeLessThan(10_000)
  await bot.until(() => bot.state.updates.size === 0)
  expect(town.logged()).toContain('misshapen update left out')
  expect(town.logged()).not.toContain('without its content')
  const health = await (await fetch(`${app.address}/health`)).json()
  expect(health).toMatchObject({ status: 'ok' })
})
