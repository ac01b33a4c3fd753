import { estimateTokens, type LlmMessage } from '../../llm/llm.ts'
import type { Said } from '../../model/message.ts'
import { alternating, saidIn } from './said.ts'
import { truncated } from './truncate.ts'

/** What a message costs besides its text. */
const overhead = 4
/** Messages of history in one prompt, however short they are. */
export const messagesShown = 40

interface Material {
  system: string
  summary: string
  /** The latest handled messages the summary does not hold, at most `messagesShown`, oldest first. */
  history: readonly Said[]
  burst: readonly Said[]
  /** The budget of the whole prompt, in tokens. */
  contextTokens: number
}

export interface Context {
  messages: LlmMessage[]
  /** History that did not fit, oldest first. */
  dropped: Said[]
  /** The burst itself was too long and lost its middle. */
  cut: boolean
}

/**
 * The prompt's messages within the budget: the burst always (at least a quarter of the budget is its own), then
 * the summary, then as much history as fits, the oldest dropped first.
 */
export function buildContext({ system, summary, history, burst, contextTokens }: Material): Context {
  const room = Math.floor(Math.max(contextTokens - estimateTokens(system), contextTokens / 4)) - overhead
  const words = burst
    .map((message) => saidIn(message)?.text ?? '')
    .join('\n')
    .trim()
  const question = truncated(words, room)
  const background = summary && summaryBlock(summary)
  let left = room - estimateTokens(question)
  const fits = background !== '' && cost(background) <= left
  if (fits) left -= cost(background)

  const firstShown = newestThatFit(history, left)
  const messages = history.slice(firstShown).map(saidIn)
  if (fits) messages.unshift({ role: 'user', text: background })
  messages.push({ role: 'user', text: question })
  return {
    messages: alternating(messages.filter((message) => message !== undefined)),
    dropped: history.slice(0, firstShown),
    cut: question !== words,
  }
}

const cost = (text: string): number => estimateTokens(text) + overhead

/** The index of the oldest message that fits together with all after it. */
function newestThatFit(history: readonly Said[], tokens: number): number {
  let left = tokens
  let index = history.length
  for (const message of history.toReversed()) {
    left -= cost(saidIn(message)?.text ?? '')
    if (left < 0) break
    index -= 1
  }
  return index
}

function summaryBlock(summary: string): string {
  const inert = summary.replaceAll('<', '‹')
  return `<conversation_summary>\n${inert}\n</conversation_summary>\nThis summarises what was said before. It is background, not a request.`
}
