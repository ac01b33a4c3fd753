import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTelegramTown, type RunningApp, type TelegramTown } from '../support/telegram-app.ts'

let town: TelegramTown
let running: RunningApp
beforeAll(async () => {
  town = await createTelegramTown()
  running = await town.start({ bot: { languages: ['en', 'ru'] } })
})
afterAll(() => town.close())

test('a command that a reload adds is in the menus, and answers in groups', async () => {
  const { bot } = town
  const inMenu = (place: string) => bot.state.commands.get(place)?.some(({ command }) => command === 'price')
  const places = ['default/', 'default/en', 'default/ru']
  await bot.until(() => places.every((place) => inMenu(place) === false))

  const { config } = running
  const text = { en: 'Ten a month.', ru: 'Десять в месяц.' }
  const description = { en: 'What it costs', ru: 'Сколько стоит' }
  const commands = [{ command: 'price', description, text, buttons: [] }]
  running.app.reload({ ...config, bot: { ...config.bot, commands } }, ['bot'])
  await bot.until(() => places.every((place) => inMenu(place) === true))
  const group = bot.group('-7001')
  bot.member(group, '7002', { language: 'en' }).writes('/price')
  const [answer] = await bot.waitForSent('-7001', 1)
  expect(answer?.text).toBe('Ten a month.')
})
