import { type AssistantNeeds, createAssistant } from '../answers/assistant/assistant.ts'
import type { Answerer, Answers } from '../answers/answers.ts'
import { createCommands } from '../answers/commands/commands.ts'
import { contactReply } from '../answers/commands/own.ts'
import { createFaq } from '../answers/faq/faq.ts'
import { prepareFaq } from '../answers/faq/load.ts'
import { createFallback } from '../answers/fallback/fallback.ts'
import { createAnswers } from '../answers/first.ts'
import { createHandoff } from '../answers/handoff/handoff.ts'
import { targetsFor } from '../answers/handoff/note.ts'
import { wishIn } from '../answers/handoff/wish.ts'
import type { Config } from '../config/config.ts'
import type { Llm } from '../llm/llm.ts'
import { usdText } from '../model/money.ts'
import { type Clock, steadyClock } from '../model/time.ts'
import type { Events } from '../ops/events.ts'
import type { Log } from '../ops/log.ts'
import type { Version } from '../ops/version.ts'
import type { Reader } from '../store/store.ts'
import type { FaqReader } from './faq-file.ts'
import { noteTargets } from './notes.ts'
import { isRehearsal } from './call.ts'
import type { LivePurse } from './purse.ts'

export interface AnswerParts {
  llm: () => Llm | undefined
  read: Reader
  /** What models cost today. */
  spending: LivePurse['today']
  version: Version
  takeCall: AssistantNeeds['takeCall']
  faq: FaqReader
  events: Events
  clock: Clock
  log: Log
}

/** The answers of this moment, replaced when the bot's settings or the FAQ change. */
export interface LiveAnswers extends Answers {
  /** Builds the new ones, or throws; the function takes them into use. */
  prepare(config: Config): () => void
}

export function createLiveAnswers(config: Config, parts: AnswerParts): LiveAnswers {
  let current = build(config, parts)
  return {
    answer: (turn) => current.answer(turn),
    apology: (turn, attempt) => current.apology(turn, attempt),
    prepare(next) {
      const made = build(next, parts)
      return () => {
        current = made
      }
    },
  }
}

function build(config: Config, parts: AnswerParts): Answers {
  const { clock, log } = parts
  return createAnswers({ answerers: orderOf(config, parts), zone: config.timezone, clock, log })
}

/** Who is asked, in order. A new way to answer is a folder and a line here. */
function orderOf(config: Config, parts: AnswerParts): Answerer[] {
  const { llm, read, version, takeCall, events, clock, log } = parts
  const { bot, models, timezone: zone } = config
  const { languages } = bot
  const targets = noteTargets(config)
  const { contextTokens, maxOutputTokens, timeoutMs } = models
  const budget = { contextTokens, maxOutputTokens, timeoutMs }
  return [
    createCommands({
      face: bot,
      version,
      startedAt: version.startedAt,
      clock,
      read,
      spending: spendingOf(models, parts),
    }),
    createHandoff({
      targets,
      languages,
      read: read.handoffs,
      contact: contactReply(bot),
      isRehearsal,
      clock,
      events,
    }),
    ...faqOf(bot, parts.faq),
    createAssistant({ llm, persona: bot.persona, languages, budget, takeCall, clock: steadyClock, log }),
    createFallback({
      name: bot.name,
      reachesTeam: ({ conversation }) => targetsFor(targets, conversation).length > 0,
      topics: bot.welcome.buttons,
      languages,
      zone,
      clock,
    }),
  ]
}

/** Worth telling where some model costs something. */
function spendingOf({ chain }: Config['models'], { spending }: AnswerParts) {
  return async () => {
    if (chain.every(({ price }) => price.input + price.output === 0)) return undefined
    const { spentMicroUsd, limitMicroUsd } = await spending()
    return { spent: usdText(spentMicroUsd), limit: usdText(limitMicroUsd) }
  }
}

function faqOf({ faq, languages }: Config['bot'], reader: FaqReader): Answerer[] {
  if (faq === undefined) return []
  const loaded = prepareFaq(reader.read(faq, languages))
  return [createFaq({ current: () => loaded, isForTeam: (text) => wishIn(text) !== undefined })]
}
