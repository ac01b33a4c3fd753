import { accessSync, constants } from 'node:fs'
import { resolve } from 'node:path'
import type { Language, Localized } from '../model/language.ts'
import type { BotConfig, CommandButton } from './config.ts'
import type { NameSetting } from './issues.ts'
import type { LocalizedInput } from './kinds.ts'
import { type Problem, show } from './problem.ts'
import type { Settings } from './schema.ts'

type BotSettings = Settings['bot']

/** Commands every bot has; an installation cannot define them again. */
export const builtInCommands: readonly string[] = ['start', 'help', 'cancel', 'status']

/** The bot's section; paths become absolute, a single text becomes that of the default language. */
export function buildBot(bot: BotSettings, home: string): BotConfig {
  const [language] = bot.languages
  return {
    name: bot.name,
    tagline: localize(bot.tagline, language),
    persona: bot.persona,
    languages: bot.languages,
    welcome: {
      text: localize(bot.welcome.text, language),
      buttons: buttonsOf(bot.welcome.buttons, language),
    },
    commands: bot.commands.map((entry) => ({
      command: entry.command,
      description: localize(entry.description, language),
      text: localize(entry.text, language),
      buttons: buttonsOf(entry.buttons, language),
    })),
    faq: bot.faq === undefined ? undefined : resolve(home, bot.faq),
    admins: bot.admins,
  }
}

function localize(text: LocalizedInput, language: Language | undefined): Localized {
  if (typeof text === 'string') return { [language ?? 'en']: text }
  return {
    ...(text.en === undefined ? {} : { en: text.en }),
    ...(text.ru === undefined ? {} : { ru: text.ru }),
  }
}

function buttonsOf(
  buttons: BotSettings['welcome']['buttons'],
  language: Language | undefined,
): CommandButton[] {
  return buttons.map(({ label, action }) => ({ label: localize(label, language), action }))
}

/** `faqOf`: what is wrong with the FAQ file, which can be read. */
export function checkBot(
  bot: BotSettings,
  home: string,
  nameSetting: NameSetting,
  faqOf: (path: string) => Problem[],
): Problem[] {
  return [
    ...checkCommands(bot, nameSetting),
    ...checkTexts(bot, nameSetting),
    ...checkFaq(bot, home, nameSetting(['bot', 'faq']), faqOf),
  ]
}

function checkCommands(bot: BotSettings, nameSetting: NameSetting): Problem[] {
  const seen = new Set<string>()
  return bot.commands.flatMap(({ command }, index) => {
    const setting = nameSetting(['bot', 'commands', index, 'command'])
    if (builtInCommands.includes(command))
      return [{ setting, found: show(command), expected: 'a name that is not built in' }]
    if (seen.has(command))
      return [{ setting, found: `${show(command)} again`, expected: 'each command once' }]
    seen.add(command)
    return []
  })
}

/** A text may lack a language, but not the default one that stands in for it. */
function checkTexts(bot: BotSettings, nameSetting: NameSetting): Problem[] {
  const language = bot.languages[0] ?? 'en'
  return textsOf(bot).flatMap(([path, text]) => {
    if (typeof text === 'string' || text[language] !== undefined) return []
    // A built-in text that nobody wrote has every language.
    return [
      {
        setting: nameSetting(path),
        found: show(text),
        expected: `a text in the default language (${language})`,
      },
    ]
  })
}

function textsOf(bot: BotSettings): [PropertyKey[], LocalizedInput][] {
  const labels = (path: PropertyKey[], buttons: BotSettings['welcome']['buttons']) =>
    buttons.map(({ label }, index): [PropertyKey[], LocalizedInput] => [
      [...path, 'buttons', index, 'label'],
      label,
    ])
  return [
    [['bot', 'tagline'], bot.tagline],
    [['bot', 'welcome', 'text'], bot.welcome.text],
    ...labels(['bot', 'welcome'], bot.welcome.buttons),
    ...bot.commands.flatMap((command, index): [PropertyKey[], LocalizedInput][] => {
      const path = ['bot', 'commands', index]
      return [
        [[...path, 'description'], command.description],
        [[...path, 'text'], command.text],
        ...labels(path, command.buttons),
      ]
    }),
  ]
}

function checkFaq(
  { faq }: BotSettings,
  home: string,
  setting: string,
  faqOf: (path: string) => Problem[],
): Problem[] {
  if (faq === undefined) return []
  const path = resolve(home, faq)
  try {
    accessSync(path, constants.R_OK)
  } catch {
    return [{ setting, found: path, expected: 'a file that exists and may be read' }]
  }
  return faqOf(path)
}
