import { estimateTokens } from '../../llm/llm.ts'
import type { Said } from '../../model/message.ts'
import type { Turn } from '../answers.ts'
import { saidIn } from './said.ts'

/** Left out of a prompt, this many tokens are worth a summary. */
const dueTokens = 1500
/** And so are this many messages, however short they are. */
const dueMessages = 60

/**
 * What a new summary has to take up, oldest first: what is neither in the old one nor in the prompt (`kept`); nothing
 * while that is little. `history`: the latest messages since the old summary.
 */
export async function unsummarised(
  turn: Turn,
  history: readonly Said[],
  kept: readonly Said[],
): Promise<Said[]> {
  const { summarySeq } = turn.conversation
  const dropped = history.length - kept.length
  const hidden = Math.max(0, (history[0]?.seq ?? 0) - summarySeq - 1)
  const messages = dropped + hidden
  if (messages === 0) return []
  const average = tokensOf(history) / history.length
  const tokens = tokensOf(history.slice(0, dropped)) + hidden * average
  if (tokens <= dueTokens && messages < dueMessages) return []
  const all = hidden > 0 ? await turn.history(dueMessages + history.length, summarySeq) : history
  return all.slice(0, all.length - kept.length)
}

const tokensOf = (messages: readonly Said[]): number =>
  messages.reduce((sum, message) => sum + estimateTokens(saidIn(message)?.text ?? ''), 0)
