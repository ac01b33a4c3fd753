import { type Language, languages } from '../../model/language.ts'
import type { Button, Reply, StoredMessage } from '../../model/message.ts'
import type { Answer, Answerer } from '../answers.ts'
import type { FaqEntry, FaqText } from './file.ts'
import type { Faq } from './load.ts'
import type { Matcher } from './matcher.ts'
import {
  distinctEntries,
  type Found,
  findQuestions,
  halfScore,
  halvesAt,
  isQuestion,
  leavingToTeam,
  lookingAtMost,
  partsOf,
} from './questions.ts'

export interface FaqNeeds {
  /** The file as last loaded; asked at every turn, so that a reload takes effect at the next. */
  current: () => Faq
  /** Score from which on an entry answers; below, the next source is tried. Default 0.7. */
  minimumScore?: number
  /** What a person wants of the team: only that very question of the file answers it. Default: nothing. */
  isForTeam?: (text: string) => boolean
}

/** What a match is worth among the sources (the FAQ answers or it does not). */
const confidence = 0.9
const prefix = 'faq:'
const mostButtons = 4
/** More entries than this are a book, not an answer. */
const mostAnswers = 6
/** Texts (messages, sentences, halves of them) one turn is searched for: whoever asks more must not hold up the rest. */
const textsLookedAt = 24
/** A question of fewer words goes on with the one before it: "Always?" */
const followUpLength = 2
/** So does one that an entry given answers about this well. */
const followUpScore = 0.5
/** Half a sentence of fewer words goes on with the other, and so does one that any entry answers this well. */
const halfLength = 4
const foreignScore = 0.3
/** From this many words on, what is said beside a question is a matter of its own. */
const remarkLength = 8

/** Answers from the FAQ file, without a model; a button `faq:<id>` gets its entry directly. */
export function createFaq({ current, minimumScore = 0.7, isForTeam = () => false }: FaqNeeds): Answerer {
  return {
    name: 'faq',
    answer: async (turn, asked) => {
      const faq = current()
      const pressed = turn.messages.flatMap((message) => pressedEntry(message, faq) ?? [])
      const written = turn.messages.filter((message) => pressedEntry(message, faq) === undefined)
      const text = written.map((message) => message.text).join('\n')
      const matcher = lookingAtMost(textsLookedAt, leavingToTeam(isForTeam, faq.matcher))
      const found = questionsOf(written, text, matcher, minimumScore)
      const entries = distinct([
        ...pressed,
        ...found.flatMap(({ match }) => faq.entries.get(match.entry) ?? []),
      ])
      if (entries.length === 0) {
        const [closest] = matcher.match(text)
        asked?.decline('no_match', closest && { closest: closest.entry, score: rounded(closest.score) })
        return undefined
      }
      const leaves = leftOf(written, entries, matcher, minimumScore)
      const hinted = hintedAt(written, faq, matcher)
      return answerWith({ entries, hinted, found, faq, language: turn.language, leaves })
    },
  }
}

/** Of the whole burst, since a question may be written in pieces, and of each of its messages. */
function questionsOf(
  written: readonly StoredMessage[],
  text: string,
  matcher: Matcher,
  minimum: number,
): Found[] {
  if (written.length === 0) return []
  const whole = findQuestions(text, matcher, minimum)
  const single =
    written.length > 1 ? written.flatMap((each) => findQuestions(each.text, matcher, minimum)) : []
  return distinctEntries([...whole, ...single]).slice(0, mostAnswers)
}

/**
 * What the answer is none to: messages nobody looked at or that are about something else, and of the others the questions
 * it leaves open. A few words that lead up to a question are not; and where no message by itself is answered, they are one
 * question in pieces.
 */
function leftOf(
  written: readonly StoredMessage[],
  entries: readonly FaqEntry[],
  matcher: Matcher,
  minimum: number,
): StoredMessage[] {
  const given = new Set(entries.map(({ id }) => id))
  const answered = new Set(
    written.filter(({ text }) =>
      findQuestions(text, matcher, minimum).some(({ match }) => given.has(match.entry)),
    ),
  )
  if (answered.size === 0) return []
  return written.flatMap((message) => {
    if (!answered.has(message)) return isRemark(message) ? [] : [message]
    const open = openQuestions(message.text, given, matcher)
    return open.length > 0 ? [{ ...message, text: open.join('\n') }] : []
  })
}

/** The questions of a text that these entries do not answer, where others of it are answered. */
function openQuestions(text: string, given: ReadonlySet<string>, matcher: Matcher): string[] {
  const asked = partsOf(text).filter(isQuestion)
  const isAnswered = (part: string): boolean =>
    matcher.match(part).some(({ entry, score }) => given.has(entry) && score >= followUpScore)
  const open = asked.filter((part) => !isAnswered(part))
  if (open.length === asked.length) return []
  const own = open.filter(
    (part) => part.split(/\s+/, followUpLength).length === followUpLength && matcher.hasTopic(part),
  )
  return [...own, ...asked.filter(isAnswered).flatMap((part) => foreignHalves(part, matcher))]
}

/** "What does a website cost and do you sign an NDA?": the half no entry is anywhere near to. */
const foreignHalves = (part: string, matcher: Matcher): string[] =>
  halvesAt(part).filter(
    (half, _, { length }) =>
      length > 1 &&
      half.split(/\s+/, halfLength).length === halfLength &&
      matcher.hasTopic(half) &&
      (matcher.match(half)[0]?.score ?? 0) < foreignScore,
  )

/** Entries that halves of sentences are about, though the sentences as a whole are not: for buttons. */
const hintedAt = (written: readonly StoredMessage[], faq: Faq, matcher: Matcher): FaqEntry[] =>
  written
    .flatMap(({ text }) => partsOf(text).filter(isQuestion).map(halvesAt))
    .filter((halves) => halves.length > 1)
    .flat()
    .flatMap((half) => matcher.match(half).slice(0, 1))
    .filter(({ score }) => score >= halfScore)
    .flatMap(({ entry }) => faq.entries.get(entry) ?? [])

const isRemark = ({ text }: StoredMessage): boolean =>
  !partsOf(text).some(isQuestion) && text.split(/\s+/, remarkLength).length < remarkLength

function pressedEntry({ kind, text }: StoredMessage, faq: Faq): FaqEntry | undefined {
  return kind === 'button' && text.startsWith(prefix) ? faq.entries.get(text.slice(prefix.length)) : undefined
}

interface Given {
  entries: FaqEntry[]
  /** Perhaps asked as well. */
  hinted: FaqEntry[]
  found: Found[]
  faq: Faq
  language: Language
  leaves: StoredMessage[]
}

function answerWith({ entries, hinted, found, faq, language, leaves }: Given): Answer {
  return {
    replies: [replyOf({ entries, hinted }, faq, language)],
    confidence,
    trace: {
      rule: entries.map(({ id }) => id).join(' '),
      language,
      score: rounded(Math.min(confidence, ...found.map(({ match }) => match.score))),
      matches: found.map(traceOf),
    },
    ...(leaves.length > 0 && { leaves }),
  }
}

function replyOf(
  { entries, hinted }: Pick<Given, 'entries' | 'hinted'>,
  faq: Faq,
  language: Language,
): Reply {
  const texts = entries.map((entry) => textOf(entry, language)).filter((text) => text !== undefined)
  const [first] = texts
  const text =
    texts.length === 1 && first
      ? first.answer
      : texts.map(({ title, answer }) => `**${title}**\n\n${answer}`).join('\n\n')
  const buttons = buttonsOf(entries, hinted, faq, language)
  return buttons.length > 0 ? { text, buttons } : { text }
}

/** The entry in the language asked for, or in one it has. */
function textOf(entry: FaqEntry, language: Language): FaqText | undefined {
  return entry[language] ?? languages.map((other) => entry[other]).find((text) => text !== undefined)
}

function buttonsOf(entries: FaqEntry[], hinted: FaqEntry[], faq: Faq, language: Language): Button[][] {
  const shown = new Set(entries.map(({ id }) => id))
  const related = distinct([
    ...hinted.filter(({ id }) => !shown.has(id)),
    ...entries.flatMap((entry) =>
      entry.related.flatMap((id) => (shown.has(id) ? [] : (faq.entries.get(id) ?? []))),
    ),
  ])
  return related.slice(0, mostButtons).flatMap((entry) => {
    const text = textOf(entry, language)
    return text ? [[{ label: text.title, action: `${prefix}${entry.id}` }]] : []
  })
}

const traceOf = ({ match, runnerUp }: Found): Record<string, unknown> => ({
  rule: match.entry,
  score: rounded(match.score),
  closest: match.phrasing,
  closestLanguage: match.language,
  words: match.words,
  evidence: {
    probability: rounded(match.probability),
    phrasing: rounded(match.phrasingShare),
    entry: rounded(match.entryShare),
  },
  ...(runnerUp && { runnerUp: { rule: runnerUp.entry, score: rounded(runnerUp.score) } }),
})

const rounded = (value: number): number => Math.round(value * 1000) / 1000

const distinct = <T>(items: readonly T[]): T[] => [...new Set(items)]
