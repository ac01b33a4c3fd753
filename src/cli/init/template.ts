import { stringify } from 'yaml'
import { listSettings, type Setting } from '../../config/settings.ts'
import type { Language } from '../../model/language.ts'
import { spelled } from '../spelling.ts'

export interface InitAnswers {
  name: string
  persona: string
  /** The first is the default. */
  languages: Language[]
}

const greetings: Record<Language, (name: string) => string> = {
  en: (name) => `Hello, I am ${name}. How can I help?`,
  ru: (name) => `Здравствуйте, я ${name}. Чем могу помочь?`,
}

const taglines: Record<Language, string> = { en: 'Ask me anything.', ru: 'Спросите о чём угодно.' }

const head = (option: string): string =>
  spelled(`# Parley's configuration. Every setting has a default; docs/reference/configuration.md explains them all.
# Changes of the bot, the models and the FAQ are taken over while it runs. Check with: parley doctor${option}
# Secrets (TELEGRAM_BOT_TOKEN, ANTHROPIC_API_KEY, …) belong in the environment or in .env beside this file, never here.
`)

/**
 * A parley.yaml with the answers filled in and every other setting as a comment with its default. `option`: what commands
 * need to find it.
 */
export function renderConfiguration({ name, persona, languages }: InitAnswers, option = ''): string {
  const texts = (each: (language: Language) => string) =>
    Object.fromEntries(languages.map((code) => [code, each(code)]))
  const bot = {
    name,
    tagline: texts((language) => taglines[language]),
    persona,
    languages,
    welcome: { text: texts((language) => greetings[language](name)) },
    faq: 'faq.yaml',
  }
  return [
    head(option),
    `${stringify({ bot }, { lineWidth: 110 }).replace(/^ {2}faq:/m, `${welcomeButtons}  faq:`)}${ownCommands}`,
    timezone(),
    ...sections.map(section),
  ].join('\n')
}

const sections = [
  'web',
  'telegram',
  'models',
  'limits',
  'retention',
  'server',
  'log',
  'database',
  'delivery',
  'pipeline',
]

/** Stands in `welcome`, below its text. */
const welcomeButtons = `    # Buttons under the greeting: an entry of the FAQ, a command, or words as if they were written.
    # buttons:
    #   - { label: { en: "Opening hours" }, action: "faq:general-hours" }
    #   - { label: { en: "Help" }, action: "/help" }
`

const ownCommands = `  # Telegram user ids, or channel:id, of the people who get notes:
  # admins: [123456789]
  # Commands of your own; one called contact is also the answer to "how can I reach you?":
  # commands:
  #   - command: pricing
  #     description: { en: "What it costs" }
  #     text: { en: "From **100 USD** a month." }
  #     buttons: [{ label: { en: "Talk to us" }, action: "I want to talk to a human" }]
`

function timezone(): string {
  const setting = listSettings().find(({ path }) => path === 'timezone')
  return setting ? `# ${setting.path}: ${setting.fallback}`.padEnd(44) + `# ${setting.meaning}\n` : ''
}

function section(name: string): string {
  return `# ${name}:\n${commented(name)}`
}

/** The settings of a section, one a line. Entries of lists are left to the reference. */
function commented(name: string): string {
  const settings = listSettings().filter(({ path }) => path.startsWith(`${name}.`) && !path.includes('[]'))
  const lines: string[] = []
  const open = new Set<string>()
  for (const setting of settings) {
    const keys = setting.path.split('.').slice(1)
    const [group] = keys
    if (keys.length > 1 && group !== undefined && !open.has(group)) {
      open.add(group)
      lines.push(`#   ${group}:`)
    }
    // Entries of a list show better than its default.
    if (setting.path !== 'models.chain') lines.push(line(setting, keys))
  }
  if (name === 'models') lines.push(...chainExample)
  return `${lines.join('\n')}\n`
}

const chainExample = [
  '#   chain: # asked in this order; without it every provider with a key',
  '#     - { provider: anthropic, model: claude-haiku-4-5 }',
  '#     - { provider: openai, model: gpt-5.4-mini }',
]

function line({ fallback, meaning }: Setting, keys: string[]): string {
  const indent = '  '.repeat(keys.length)
  return `# ${indent}${keys.at(-1)}: ${fallback}`.padEnd(44) + `# ${meaning}`
}
