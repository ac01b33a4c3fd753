import { z } from 'zod'
import { languages } from '../../model/language.ts'
import { localized, oneOf, text } from '../kinds.ts'

/** Telegram's limit for what a button carries: 64 bytes (core.telegram.org/bots/api#inlinekeyboardbutton). */
const action = z
  .string('a command such as /help, or what the button says to the bot')
  .min(1, 'not empty')
  .refine((value) => Buffer.byteLength(value) <= 64, 'at most 64 bytes')
  .meta({ type: 'text of 1 to 64 bytes' })

const button = z.strictObject({
  label: localized(64).describe('What the button shows.'),
  action: action.describe('What the bot gets when it is pressed: a command such as `/services`, or a text.'),
})

const buttons = z.array(button, 'a list of buttons').max(20, 'at most 20 buttons').default([])

/** Telegram's form of a command (core.telegram.org/bots/api#botcommand), which suits every channel. */
const commandName = z
  .string('a name such as services')
  .regex(/^[a-z0-9_]{1,32}$/, '1 to 32 of a-z 0-9 _, without the slash')
  .meta({ type: '1 to 32 of a-z 0-9 _' })

const command = z.strictObject({
  command: commandName.describe('Its name without the slash.'),
  description: localized(256).describe('What /help and the menu say about it.'),
  text: localized(16_000).describe('The answer, in Markdown.'),
  buttons: buttons.describe('Buttons under the answer.'),
})

const admin = z
  .union([z.string(), z.int()], 'a Telegram user id, or channel:id')
  .transform(String)
  .refine(
    (value) => /^((telegram:)?\d{1,20}|(?!telegram:)[a-z]{1,20}:[\w@.+-]{1,128})$/.test(value),
    'a Telegram user id, or channel:id',
  )
  .transform((value) => (value.includes(':') ? value : `telegram:${value}`))
  .meta({ type: 'a Telegram user id, or channel:id' })

export const botSchema = z
  .strictObject({
    name: text(64).default('Parley').describe('What the bot is called.'),
    tagline: localized(200)
      .default({ en: 'Ask me anything.', ru: 'Спросите о чём угодно.' })
      .describe('One line under the name on the pages.'),
    persona: text(16_000)
      .default('You are a helpful, friendly assistant. Answer briefly. Say so when you do not know.')
      .describe("Who the bot is and how it speaks: the model's system prompt."),
    languages: z
      .array(oneOf(...languagesTuple()), 'a list of languages')
      .min(1, 'at least one language')
      .refine((list) => new Set(list).size === list.length, 'each language once')
      .default([...languages])
      .describe('Languages of the bot; the first is the default.')
      .meta({ type: `list of ${languages.join(', ')}` }),
    welcome: z
      .strictObject({
        text: localized(4000)
          .default({ en: 'Hello! How can I help?', ru: 'Здравствуйте! Чем могу помочь?' })
          .describe('The answer to /start, in Markdown.'),
        buttons: buttons.describe('Buttons under it.'),
      })
      .prefault({}),
    commands: z
      .array(command, 'a list of commands')
      .max(80, 'at most 80 commands')
      .default([])
      .describe('Commands of your own.'),
    faq: text(500).optional().describe('The FAQ data file, relative to parley.yaml.'),
    admins: z.array(admin, 'a list of ids').max(200, 'at most 200').default([]).describe('Administrators.'),
  })
  .prefault({})

function languagesTuple(): ['en', 'ru'] {
  return ['en', 'ru']
}
