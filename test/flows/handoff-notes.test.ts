import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTelegramTown, type TelegramTown } from '../support/telegram-app.ts'

const agents = '-1005550001'

let town: TelegramTown
beforeAll(async () => {
  town = await createTelegramTown()
  town.bot.group(agents)
  await town.start({ telegram: { agent_group: agents } })
})
afterAll(() => town.close())

test("a person's name and words reach the team's group as text that cannot be pressed", async () => {
  const said = '@everyone_here /ban@parley_bot #deal at https://evil.example/x?a=`b`, mail me@evil.example'
  const name = '@boss evil.example'
  const person = town.bot.person('8001', { name })
  person.writes(said)
  await town.bot.waitForSent('8001', 1)
  person.writes('I want to talk to a human')
  const [note] = await town.bot.waitForSent(agents, 1)
  expect(note?.text).toContain(name)
  expect(note?.text).toContain(said)
  expect(note?.found).toEqual([])
  expect(note?.lostFormatting).toEqual([])
})
