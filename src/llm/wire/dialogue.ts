import type { LlmMessage } from '../llm.ts'

/** Messages every provider takes: none empty, the roles take turns, the first and the last are the user's. */
export type Dialogue = LlmMessage[]

/**
 * Brings messages into the form that the strictest provider asks for. Neighbours of one role become one message;
 * what the assistant said before the first and after the last question is dropped; halves of surrogate pairs, which
 * make a request invalid, become U+FFFD.
 */
export function toDialogue(messages: LlmMessage[]): Dialogue {
  const dialogue: Dialogue = []
  for (const { role, text } of messages) {
    const last = dialogue.at(-1)
    if (text.trim() === '' || (role === 'assistant' && !last)) continue
    if (last?.role === role) last.text += `\n${text.toWellFormed()}`
    else dialogue.push({ role, text: text.toWellFormed() })
  }
  if (dialogue.at(-1)?.role === 'assistant') dialogue.pop()
  return dialogue
}
