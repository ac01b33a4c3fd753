import { describe, expect, test } from 'vitest'
import { messageOf, pressOf, turnOf, type TurnDetails } from '../../../test/support/turn.ts'
import type { BotFace } from './command.ts'
import { createCommands } from './commands.ts'
import { commandMenu } from './menu.ts'

const face: BotFace = {
  name: 'Parley',
  languages: ['en', 'ru'],
  welcome: {
    text: { en: 'Welcome to Acme.' },
    buttons: [{ label: { en: 'Services', ru: 'Услуги' }, action: 'cmd:services' }],
  },
  commands: [
    {
      command: 'Services',
      description: { en: 'What we do', ru: 'Что мы делаем' },
      text: { en: 'Eight services.', ru: 'Восемь услуг.' },
      buttons: [],
    },
  ],
}
const handoff = {
  id: 'h',
  conversationId: 'c',
  contactId: 'p',
  reason: 'asked',
  summary: '',
  createdAt: 0,
  notes: 1,
  notedAt: 0,
}
const read = {
  messages: {
    waiting: async () => ({ received: 2, queued: 1, crowded: [] }),
    waitingSince: async () => undefined,
    backlog: async () => ({ received: 2, queued: 1, oldest: 30_000, failed: 0 }),
    page: async () => [],
    said: async () => [],
    since: async () => [],
    buttonsOf: async () => undefined,
  },
  handoffs: {
    open: async () => [handoff],
    openOf: async () => undefined,
    find: async () => [],
    notes: async () => 0,
  },
}
const create = (own: Partial<BotFace> = {}) =>
  createCommands({
    face: { ...face, ...own },
    version: { version: '1.2.3', commit: 'abc1234567890' },
    startedAt: 0,
    clock: { now: () => 90_000 },
    read,
    spending: async () => ({ spent: '12.50', limit: '100.00' }),
  })
const ask = (text: string, details?: TurnDetails) => create().answer(turnOf([text], details))
const textOf = async (text: string, details?: TurnDetails) => (await ask(text, details))?.replies[0]?.text

describe('commands', () => {
  test('"help" in plain words is /help, unless a human is there to help', async () => {
    expect(await textOf('help')).toBe(await textOf('/help'))
    for (const said of ['help me please', 'I need help', 'Can you help me?'])
      expect(await textOf(said)).toBe(await textOf('/help'))
    expect(await textOf('Мне нужна помощь', { language: 'ru' })).toContain('/services')
    expect(await textOf('Помощь', { language: 'ru' })).toContain('/services')
    expect(await ask('help', { conversation: { status: 'human' } })).toBeUndefined()
  })

  test('/start welcomes with buttons and keeps the payload of a deep link', async () => {
    const answer = await ask('/start campaign-7', { language: 'ru' })
    expect(answer?.replies).toEqual([
      { text: 'Welcome to Acme.', buttons: [[{ label: 'Услуги', action: 'cmd:services' }]] },
    ])
    expect(answer?.trace).toEqual({ commands: [{ name: 'start', argument: 'campaign-7' }] })
  })

  test('without a welcome of its own the bot introduces itself', async () => {
    const bare = create({ welcome: { text: {}, buttons: [] } })
    expect((await bare.answer(turnOf(['/start'])))?.replies[0]?.text).toContain('I am Parley, a bot')
  })

  test('/help lists every command, and tells staff what they have besides', async () => {
    expect(await textOf('/help')).toContain('- /services: What we do\n- /cancel')
    expect(await textOf('/help')).not.toContain('administrator')
    expect(await textOf('/HELP', { role: 'admin', language: 'ru' })).toContain('администратор')
  })

  test('/status tells version, commit and uptime; staff also see what is waiting', async () => {
    expect(await textOf('/status')).toContain('1.2.3 (abc12345)\n\nUptime: 1 minute 30 seconds')
    expect(await textOf('/status')).not.toMatch(/Unanswered|Spent/)
    expect(await textOf('/status', { role: 'admin' })).toContain('Spent on models today: 12.50 of 100.00 USD')
    expect(await textOf('/status', { role: 'agent' })).toContain('Unanswered: 2 messages')
    expect(await textOf('/status', { role: 'agent' })).toContain(
      'Oldest: 1 minute\n\nOpen requests for a human: 1',
    )
  })

  test('/cancel says that there is nothing to cancel', async () => {
    expect(await textOf('/cancel', { language: 'ru' })).toContain('Отменять нечего')
  })

  test("the installation's own commands answer in the language of the turn, by button too", async () => {
    expect(await textOf('/services', { language: 'ru' })).toBe('Восемь услуг.')
    const pressed = await create().answer(turnOf([pressOf('cmd:services')]))
    expect(pressed?.replies).toEqual([{ text: 'Eight services.' }])
  })

  test('an unknown command gets help', async () => {
    expect(await textOf('/refund_me')).toMatch(/^I do not know the command \/refund_me\.\n\n[^]*- \/help/)
  })

  test('a command the installation defines a second time is refused', () => {
    const [own] = face.commands
    expect(() => create({ commands: own ? [{ ...own, command: 'HELP' }] : [] })).toThrow(
      '/help exists already',
    )
  })

  test('what is no command is not answered', async () => {
    expect(await ask('help me with my cluster please')).toBeUndefined()
  })
})

describe('a burst', () => {
  test('each command is answered once, the rest is left to others', async () => {
    const photo = messageOf('', { extra: { media: 'photo' } })
    const answer = await create().answer(turnOf(['/start', 'what does it cost?', '/help', '/start x', photo]))
    expect(answer?.replies).toHaveLength(2)
    expect(answer?.leaves?.map(({ text }) => text)).toEqual(['what does it cost?', ''])
  })

  test('a hundred different commands are not answered a hundred times', async () => {
    const answer = await create().answer(turnOf(Array.from({ length: 100 }, (_, index) => `/c${index}`)))
    expect(answer?.replies).toHaveLength(5)
  })
})

test('the menu holds what the platform takes, per language', () => {
  const commands = [...face.commands, { command: 'услуги', description: {}, text: {}, buttons: [] }]
  expect(commandMenu({ ...face, commands }, 'ru').map(({ command }) => command)).toEqual([
    'start',
    'help',
    'services',
    'cancel',
    'status',
  ])
  expect(commandMenu(face, 'en')[2]).toEqual({ command: 'services', description: 'What we do' })
})
