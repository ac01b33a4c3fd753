import { actions } from '../model/actions.ts'
import { isDatabaseAway } from '../model/errors.ts'
import { textsOf } from '../model/texts/texts.ts'
import type { Clock } from '../model/time.ts'
import type { Log } from '../ops/log.ts'
import type { Answerer, Answers, Asked, DeclineReason, SourcedAnswer, Turn } from './answers.ts'
import { followedBy, withinLimits } from './over-limit.ts'

/** Of an error's message, what the trace keeps. */
const errorLength = 300

interface Needs {
  /** In the order they are asked; the last always answers. */
  answerers: readonly Answerer[]
  /** The tenant's time zone. */
  zone: string
  clock: Clock
  log: Log
}

/**
 * The first answerer that returns an answer wins. One that throws is noted in the trace and the next is asked: a
 * broken source must not silence the bot. When the database is away none can be told from another, and the turn is to
 * be tried again. What is over a limit is left out, and told about once; blocked contacts get nothing besides; while a
 * human owns the conversation only answerers that work beside humans are asked.
 */
export function createAnswers({ answerers, zone, clock, log }: Needs): Answers {
  const besideHumans = answerers.filter((answerer) => answerer.besideHumans)
  return {
    async answer(turn) {
      const { rest, notice } = withinLimits(turn, zone, clock)
      if (turn.contact.blocked) return notice ?? silence('blocked')
      if (rest.messages.length === 0) return notice ?? silence('limit')
      const owned = turn.conversation.status === 'human'
      const trail = createTrail(clock, log)
      const given = await askInOrder(owned ? besideHumans : answerers, rest, trail)
      if (!given.complete && !owned)
        throw new Error('No answerer had an answer', { cause: trail.lastError() })
      const answer = given.answer ?? silence('human')
      return followedBy({ ...answer, trace: { ...answer.trace, ...trail.trace() } }, notice)
    },
    apology: apologise,
  }
}

type Trail = ReturnType<typeof createTrail>

/** Asks on until the whole burst is answered; what one leaves, those behind it get. */
async function askInOrder(answerers: readonly Answerer[], turn: Turn, trail: Trail) {
  let rest = turn
  let answer: SourcedAnswer | undefined
  for (const answerer of answerers) {
    turn.signal.throwIfAborted()
    const found = await trail.ask(answerer, rest)
    if (!found) continue
    answer = answer ? joined(answer, found) : found
    const leaves = found.leaves ?? []
    if (leaves.length === 0) return { answer, complete: true }
    rest = { ...turn, messages: leaves, text: leaves.map(({ text }) => text).join('\n'), isRest: true }
  }
  return { answer, complete: false }
}

/** Who was asked in one turn, how long each took, and why it declined or failed. */
function createTrail(clock: Clock, log: Log) {
  const asked: Record<string, unknown>[] = []
  const skipped: { name: string; error: string }[] = []
  const declined: DeclineReason[] = []
  let again: number | undefined
  let lastError: unknown

  return {
    async ask(answerer: Answerer, turn: Turn): Promise<SourcedAnswer | undefined> {
      const entry: Record<string, unknown> = { name: answerer.name }
      const decline: Asked['decline'] = (reason, trace, until) => {
        declined.push(reason)
        again = until ?? again
        Object.assign(entry, { declined: reason, ...(trace && { trace }) })
      }
      const began = clock.now()
      asked.push(entry)
      try {
        const answer = await answerer.answer(turn, { declined, again, decline })
        return answer && { ...answer, source: answerer.name }
      } catch (error) {
        turn.signal.throwIfAborted()
        if (isDatabaseAway(error)) throw error
        lastError = error
        skipped.push({ name: answerer.name, error: describe(error) })
        log.error({ answerer: answerer.name, turn: turn.id, error: describe(error) }, 'an answerer failed')
        return undefined
      } finally {
        entry['ms'] = clock.now() - began
      }
    },
    trace: () => ({ asked, ...(skipped.length > 0 && { skipped }) }),
    lastError: () => lastError,
  }
}

/** No fault of the answerer: those behind it would only know less. The turn is tried again. */
const describe = (error: unknown): string =>
  (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).slice(0, errorLength)

/** Two answers to parts of one burst; the later part is the one asked about, and names the source, unless it was silent. */
function joined(first: SourcedAnswer, second: SourcedAnswer): SourcedAnswer {
  const usages = [first.usage, second.usage].filter((usage) => usage !== undefined)
  return {
    source: second.replies.length > 0 ? second.source : first.source,
    replies: [...first.replies, ...second.replies],
    confidence: Math.min(first.confidence, second.confidence),
    trace: { [first.source]: first.trace, [second.source]: second.trace },
    ...(usages.length > 0 && { usage: usages.reduce(sum) }),
    commit: async (tx) => {
      await first.commit?.(tx)
      await second.commit?.(tx)
    },
  }
}

type Usage = NonNullable<SourcedAnswer['usage']>

const sum = (a: Usage, b: Usage): Usage => ({
  inputTokens: a.inputTokens + b.inputTokens,
  outputTokens: a.outputTokens + b.outputTokens,
  costMicroUsd: a.costMicroUsd + b.costMicroUsd,
})

const silence = (source: string): SourcedAnswer => ({ source, replies: [], confidence: 1, trace: {} })

function apologise(turn: Turn, attempt: number): SourcedAnswer {
  if (turn.contact.blocked) return silence('blocked')
  if (turn.conversation.status === 'human') return silence('human')
  const texts = textsOf(turn.language)
  const buttons = [[{ label: texts.humanLabel, action: actions.human }]]
  return {
    source: 'apology',
    replies: [{ text: texts.apology, buttons }],
    confidence: 0,
    trace: { attempt },
  }
}
