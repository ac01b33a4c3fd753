import { buttonRows } from '../../model/actions.ts'
import { type Language, type Localized, localize } from '../../model/language.ts'
import type { Reply, StoredMessage } from '../../model/message.ts'
import { fromMoment } from '../../model/texts/limit.ts'
import { humanButton, offerChoice, offerHumanFirst } from '../../model/texts/offer.ts'
import { type Texts, textsOf } from '../../model/texts/texts.ts'
import type { Clock } from '../../model/time.ts'
import type { Answer, Answerer, Asked, Turn } from '../answers.ts'
import { type SmallTalk, smallTalkIn } from './small-talk.ts'

/** More topics than this are a wall of buttons. */
const topicsShown = 8

/** Something the bot can tell about without a model: a category or entry of the FAQ, a command. */
export interface Topic {
  label: Localized
  action: string
}

interface Needs {
  topics: readonly Topic[]
  /** The first is the default. */
  languages: readonly Language[]
  /** The tenant's time zone. */
  zone: string
  clock: Clock
}

/** Why nobody before it answered, for the trace. */
type Reason =
  | SmallTalk
  | 'no_model'
  | 'model_failed'
  | 'model_locked'
  | 'model_refused'
  | 'budget_spent'
  | 'call_limit'
  | 'no_match'
  | 'media'
  | 'empty'
  | 'stale_button'

/**
 * The last of the list: always answers. Says honestly why there is no better answer, what the bot can do, and offers
 * a human.
 */
export function createFallback({ topics, languages, zone, clock }: Needs): Answerer {
  const standard = languages[0] ?? 'en'
  const labelled = (language: Language) =>
    topics
      .slice(0, topicsShown)
      .map(({ label, action }) => ({ label: localize(label, language, standard) || action, action }))

  const untilAgain = (language: Language, again: number = clock.now()) =>
    textsOf(language).callLimit(fromMoment(language, again, { now: clock.now(), zone }))

  return {
    name: 'fallback',
    async answer(turn, asked): Promise<Answer> {
      if (turn.isRest && !turn.messages.some(asksSomething)) return remarkPassedOver
      const reason = reasonOf(turn, asked)
      const frustrated = asked?.declined.includes('frustrated') ?? false
      const topicButtons = labelled(turn.language)
      const reply =
        reason === 'call_limit'
          ? capabilities(untilAgain(turn.language, asked?.again), topicButtons, turn.language)
          : replyTo(reason, turn, topicButtons)
      return {
        replies: frustrated
          ? [reply, offerHumanFirst(turn.language, textsOf(turn.language).frustrated)]
          : [reply],
        confidence: 0,
        trace: { reason },
      }
    },
  }
}

/** What was said beside a question that got its answer needs no apology. */
const remarkPassedOver: Answer = { replies: [], confidence: 1, trace: { reason: 'remark' } }

const asksSomething = ({ text }: StoredMessage): boolean => /[?？]/u.test(text)

function reasonOf({ messages }: Turn, asked: Asked | undefined): Reason {
  const written = messages.filter(({ kind }) => kind !== 'button')
  if (written.length === 0) return 'stale_button'
  if (written.every(({ text }) => text.trim() === ''))
    return written.some(({ extra }) => extra?.['media']) ? 'media' : 'empty'
  const talk = written.map(({ text }) => smallTalkIn(text))
  const [last] = talk.toReversed()
  if (last && talk.every(Boolean)) return last
  const reasons = [
    'model_failed',
    'model_locked',
    'model_refused',
    'budget_spent',
    'call_limit',
    'no_model',
  ] as const
  return reasons.find((reason) => asked?.declined.includes(reason)) ?? 'no_match'
}

function replyTo(reason: Reason, turn: Turn, topics: { label: string; action: string }[]): Reply {
  const texts = textsOf(turn.language)
  switch (reason) {
    case 'media':
      return { text: texts.mediaUnreadable(mediaOf(turn)), buttons: [[humanButton(turn.language)]] }
    case 'thanks':
      return { text: texts.gladToHelp }
    case 'empty':
      return { text: texts.emptyMessage }
    case 'model_failed':
      return offerHumanFirst(turn.language, texts.modelUnavailable)
    case 'model_refused':
      return offerChoice(turn.language, texts.modelRefused)
    default:
      return capabilities(firstLines(reason, turn, texts), topics, turn.language)
  }
}

function firstLines(reason: Reason, { role }: Turn, texts: Texts): string {
  if (reason === 'stale_button') return texts.staleButton
  if (reason === 'greeting') return texts.greeting
  if (reason === 'no_match') return texts.noMatch
  const [words, forStaff] =
    reason === 'budget_spent'
      ? [texts.budgetSpent, texts.budgetSpentForStaff]
      : reason === 'model_locked'
        ? [texts.assistantAway, texts.assistantAwayForStaff]
        : [texts.noModel, texts.noModelForStaff]
  return role === 'contact' ? words : `${words}\n\n${forStaff}`
}

/** What the bot does know, as buttons, and a human as the last of them. */
function capabilities(first: string, topics: { label: string; action: string }[], language: Language): Reply {
  const texts = textsOf(language)
  const lines = [first, topics.length > 0 ? texts.topicsIntro : texts.helpHint]
  return { text: lines.join('\n\n'), buttons: [...buttonRows(topics), [humanButton(language)]] }
}

const mediaOf = ({ messages }: Turn): string =>
  messages.map(({ extra }) => extra?.['media']).find(Boolean) ?? ''
