import { quoted } from '../../model/markdown.ts'
import { textsOf } from '../../model/texts/texts.ts'
import type { Answer, Turn } from '../answers.ts'
import { emailIn, saysMoreThan } from './email.ts'
import type { HandoffNeeds } from './needs.ts'
import { noteOf, postNote, targetsFor } from './note.ts'
import { standing } from './open-request.ts'

/** Messages looked through for an address left before. */
const historyRead = 50
/** RFC 5321 §4.5.3.1: the longest address. */
const addressLength = 254

/**
 * Thanks for an address left after a request, and passes it on: one note a request, so that nobody can flood the
 * team with addresses. The address is part of the conversation, where the team reads it.
 */
export async function keepEmail(needs: HandoffNeeds, turn: Turn): Promise<Answer | undefined> {
  const written = turn.messages.filter(({ kind }) => kind !== 'button')
  const email = written.map(({ text }) => emailIn(text)).find(Boolean)
  if (email === undefined) return undefined
  const open = await standing(needs, turn.conversation.id)
  if (!open) return undefined

  const history = await turn.history(historyRead)
  const before = history.some(
    ({ author, text, createdAt }) =>
      author === 'contact' && createdAt >= open.createdAt && emailIn(text) !== undefined,
  )
  const targets = before ? [] : targetsFor(needs.targets, turn.conversation)
  const texts = textsOf(turn.language)
  const shown = quoted(email, addressLength)
  const house = textsOf(needs.languages[0] ?? 'en')
  const { contact, conversation } = turn
  const note = noteOf({ title: house.noteEmailTitle, contact, conversation, words: [email] }, house)
  return {
    replies: [{ text: targets.length > 0 ? texts.emailPassedOn(shown) : texts.emailKept(shown) }],
    confidence: 1,
    trace: { trigger: 'email', handoff: open.id, notes: targets.length },
    commit: (tx) => postNote(tx, targets, note, needs.clock.now()),
    leaves: written.filter(({ text }) => saysMoreThan(email, text)),
  }
}
