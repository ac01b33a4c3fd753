import { Command, Option } from 'commander'
import { createFaqReader } from '../app/faq-file.ts'
import type { Config } from '../config/config.ts'
import { languages, type Language } from '../model/language.ts'
import type { Reply } from '../model/message.ts'
import { silentLog } from '../ops/log.ts'
import { type ConfigOptions, configOption, requireConfig, sameBot } from './configuration.ts'
import { refuseToLeaveBehind } from './left-behind.ts'
import { createPreview } from './preview.ts'
import { spelled } from './spelling.ts'
import { CommandFailure, harmless, paint, print, printJson, quote } from './terminal.ts'

interface Options extends ConfigOptions {
  language?: Language
  forTeam?: boolean
  trace?: boolean
  json?: boolean
}

export function callCommand(): Command {
  return new Command('call')
    .description('Runs one turn of the bot without a channel and prints the answer as it is made.')
    .argument('<text>', 'what you say to the bot')
    .addOption(configOption())
    .addOption(new Option('-l, --language <code>', 'language of the answer').choices(languages))
    .option('--for-team', 'keep a request for a human for the team, as if a visitor had made it')
    .option('-t, --trace', 'print why it answered as it did')
    .option('--json', 'for machines: replies and turn')
    .action(call)
}

async function call(text: string, options: Options): Promise<void> {
  if (text.trim() === '')
    throw new CommandFailure('There is nothing to answer: give a text, as in: parley call "hello"', 2)
  const faq = createFaqReader()
  const loaded = requireConfig(options, { makeKey: true, faq })
  const [{ createApp }, plain] = await Promise.all([import('../app.ts'), import('../app/plain.ts')])
  const app = await createApp(withoutChannels(loaded.config), { log: silentLog, faq })
  const preview = createPreview(process.stdout, !options.json, plain)
  try {
    await refuseToLeaveBehind(loaded, options)
    const { replies, turn } = await app.call(text, preview.show, options)
    if (options.json) {
      printJson({ replies, turn })
      return warnOfModels(turn.trace, options)
    }
    preview.finish(replies.map(({ text: reply }) => reply).join('\n\n'))
    for (const reply of replies) printButtons(reply)
    if (isRehearsed(turn.trace))
      print(paint('dim', '\nA visitor would be on the list of handoffs now; from here it takes --for-team.'))
    warnOfModels(turn.trace, options)
    if (options.trace) printTrace(turn)
  } finally {
    await app.stop()
  }
}

/** A question in the terminal must not take updates and work away from the bot that runs. */
function withoutChannels(config: Config): Config {
  const alone = { role: 'all', redis: undefined, telegram: undefined } as const
  return { ...config, ...alone, server: { ...config.server, host: '127.0.0.1', port: 0 } }
}

function printButtons({ buttons }: Reply): void {
  for (const row of buttons ?? []) {
    quote(row.map(({ label, action }) => `[${harmless(label)}] ${paint('dim', harmless(action))}`).join('  '))
  }
}

/** The trace of an answer that several gave has one for each. */
const isRehearsed = (trace: object): boolean =>
  [trace, ...Object.values(trace)].some((each) => Object(each).rehearsal === true)

/** Visitors are told no more than that the assistant is away; whoever tries the bot out can mend it. */
function warnOfModels({ asked }: Record<string, unknown>, options: Options): void {
  const found = Array.isArray(asked) ? asked.find(({ declined }) => declined in modelFaults) : undefined
  if (found === undefined) return
  const name = harmless(String(found.trace?.model ?? 'the model'))
  const fault = modelFaults[found.declined]
  process.stderr.write(spelled(`\n${name} ${fault}\n→ parley doctor${sameBot(options)} says what to do\n`))
}

const modelFaults: Record<string, string> = {
  model_locked: 'refuses the key, or the account has no credit',
  model_failed: 'gave no answer',
  budget_spent: 'was not asked: the budget of the day is spent',
}

function printTrace(turn: { source: string; confidence: number; durationMs: number; trace: object }): void {
  print()
  print(paint('dim', `${turn.source}, confidence ${turn.confidence}, ${turn.durationMs} ms`))
  quote(paint('dim', JSON.stringify(turn.trace, null, 2)))
}
