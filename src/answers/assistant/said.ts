import type { LlmMessage } from '../../llm/llm.ts'
import type { Said } from '../../model/message.ts'
import { isOffer } from '../../model/texts/offer.ts'

/**
 * What a model reads of a stored message, or `undefined` for what was no talk: pressed buttons, offers, nothing.
 * A person's words only ever have the role `user`.
 */
export function saidIn(message: Said): LlmMessage | undefined {
  const talk = message.author === 'contact' ? message.kind !== 'button' : !isOffer(message)
  const text = talk ? [message.text.trim(), attachmentOf(message)].filter(Boolean).join('\n') : ''
  return text ? { role: message.author === 'contact' ? 'user' : 'assistant', text } : undefined
}

function attachmentOf({ author, extra }: Said): string {
  const media = extra?.['media']
  if (author !== 'contact' || !media) return ''
  return `[attached: ${/^\w{1,20}$/.test(media) ? media : 'a file'}, which you cannot open]`
}

/** Alternating roles, the first of them the user's, as Anthropic's API requires. */
export function alternating(messages: readonly LlmMessage[]): LlmMessage[] {
  const merged: LlmMessage[] = []
  for (const message of messages) {
    const last = merged.at(-1)
    if (last?.role === message.role) last.text += `\n\n${message.text}`
    else merged.push({ ...message })
  }
  if (merged[0]?.role === 'assistant')
    merged.unshift({ role: 'user', text: '[The beginning of the conversation is not shown.]' })
  return merged
}
