import { buttonRows } from '../../model/actions.ts'
import { type Language, type Localized, localize } from '../../model/language.ts'
import { quoted } from '../../model/markdown.ts'
import type { Reply } from '../../model/message.ts'
import { fromMoment } from '../../model/texts/limit.ts'
import { humanButton, offerChoice, offerHumanFirst, offerToReach } from '../../model/texts/offer.ts'
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
  /** What the bot is called. */
  name: string
  /** Whether a note to the team about this turn would have somewhere to go. */
  reachesTeam: (turn: Turn) => boolean
  topics: readonly Topic[]
  /** The first is the default. */
  languages: readonly Language[]
  /** The tenant's time zone. */
  zone: string
  clock: Clock
}

/** What somebody wants of the team, as those asked before told. */
const wishes = ['contact', 'complaint'] as const
/** Of the questions left open, what is quoted. */
const mostQuoted = 5
const quoteLength = 120
const nameLength = 80

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
  | 'left_open'
  | 'contact'
  | 'complaint'

/**
 * The last of the list: always answers. Says honestly why there is no better answer, what the bot can do, and offers
 * a human.
 */
export function createFallback({ name, reachesTeam, topics, languages, zone, clock }: Needs): Answerer {
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
      const open = openQuestions(turn)
      if (turn.isRest && open.length === 0 && !isWish(asked)) return remarkPassedOver
      const reason = reasonOf(turn, asked)
      const frustrated = asked?.declined.includes('frustrated') ?? false
      const topicButtons = labelled(turn.language)
      const reply =
        reason === 'call_limit'
          ? capabilities(untilAgain(turn.language, asked?.again), topicButtons, turn.language)
          : replyTo(reason, turn, { topics: topicButtons, name, reachesTeam })
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

/** The questions of a text, a line each; "how are you?" is none. */
const openQuestions = ({ messages }: Turn): string[] =>
  messages
    .flatMap(({ text }) => text.split('\n'))
    .filter((line) => /[?？]/u.test(line) && smallTalkIn(line) === undefined)

const isWish = (asked: Asked | undefined): boolean => wishes.some((wish) => asked?.declined.includes(wish))

function reasonOf(turn: Turn, asked: Asked | undefined): Reason {
  const { messages } = turn
  const written = messages.filter(({ kind }) => kind !== 'button')
  if (written.length === 0) return 'stale_button'
  if (written.every(({ text }) => text.trim() === ''))
    return written.some(({ extra }) => extra?.['media']) ? 'media' : 'empty'
  const talk = written.map(({ text }) => smallTalkIn(text))
  const [last] = talk.toReversed()
  if (last && talk.every(Boolean)) return last
  const reasons = ['model_failed', 'model_locked', 'model_refused', 'budget_spent', 'call_limit'] as const
  const named = [...wishes, ...reasons].find((reason) => asked?.declined.includes(reason))
  const several = openQuestions(turn).length > 1
  if (turn.isRest ? several || named === undefined : several && isWish(asked)) return 'left_open'
  return named ?? (asked?.declined.includes('no_model') ? 'no_model' : 'no_match')
}

interface Known extends Pick<Needs, 'name' | 'reachesTeam'> {
  topics: { label: string; action: string }[]
}

function replyTo(reason: Reason, turn: Turn, { topics, name, reachesTeam }: Known): Reply {
  const texts = textsOf(turn.language)
  switch (reason) {
    case 'media':
      return { text: texts.mediaUnreadable(mediaOf(turn)), buttons: [[humanButton(turn.language)]] }
    case 'left_open':
      return { text: texts.leftOpen(quotesOf(turn)), buttons: [[humanButton(turn.language)]] }
    case 'contact':
      return offerToReach(turn.language, reachesTeam(turn))
    case 'complaint':
      return { text: texts.complaint, buttons: [[humanButton(turn.language)]] }
    case 'greeting':
      return welcoming(texts.greeting, topics)
    case 'thanks':
      return { text: texts.gladToHelp }
    case 'farewell':
      return { text: texts.farewell }
    case 'no':
      return { text: texts.declined }
    case 'identity':
      return { text: texts.whoIAm(quoted(name, nameLength)), buttons: [[humanButton(turn.language)]] }
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
  if (reason === 'no_match') return texts.noMatch
  const [words, forStaff] =
    reason === 'budget_spent'
      ? [texts.budgetSpent, texts.budgetSpentForStaff]
      : reason === 'model_locked'
        ? [texts.assistantAway, texts.assistantAwayForStaff]
        : [texts.noModel, texts.noModelForStaff]
  return role === 'contact' ? words : `${words}\n\n${forStaff}`
}

/** Who says hello wants no human yet. */
const welcoming = (text: string, topics: { label: string; action: string }[]): Reply =>
  topics.length > 0 ? { text, buttons: buttonRows(topics) } : { text }

const quotesOf = (turn: Turn): string[] =>
  openQuestions(turn)
    .slice(0, mostQuoted)
    .map((question) => quoted(question, quoteLength))

/** What the bot does know, as buttons, and a human as the last of them. */
function capabilities(first: string, topics: { label: string; action: string }[], language: Language): Reply {
  const texts = textsOf(language)
  const lines = [first, topics.length > 0 ? texts.topicsIntro : texts.helpHint]
  return { text: lines.join('\n\n'), buttons: [...buttonRows(topics), [humanButton(language)]] }
}

const mediaOf = ({ messages }: Turn): string =>
  messages.map(({ extra }) => extra?.['media']).find(Boolean) ?? ''
