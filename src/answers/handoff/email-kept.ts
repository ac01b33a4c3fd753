import { quoted } from '../../model/markdown.ts'
import { textsOf } from '../../model/texts/texts.ts'
import type { Handoff } from '../../store/store.ts'
import type { Answer, Turn } from '../answers.ts'
import { emailIn, saysMoreThan } from './email.ts'
import type { HandoffNeeds } from './needs.ts'
import { noteOf } from './note.ts'
import { standing, summaryLength } from './open-request.ts'
import { passOn, reachOf, traceOf, unreached } from './pass-on.ts'

/** RFC 5321 §4.5.3.1: the longest address. */
const addressLength = 254
/** One for itself, one for an address left for it. */
const notesOfRequest = 2

/**
 * Thanks for an address left after a request, keeps it with the request, and passes it on: one note a request, so that
 * nobody can flood the team with addresses.
 */
export async function keepEmail(needs: HandoffNeeds, turn: Turn): Promise<Answer | undefined> {
  const written = turn.messages.filter(({ kind }) => kind !== 'button')
  const email = written.map(({ text }) => emailIn(text)).find(Boolean)
  if (email === undefined) return undefined
  const open = await standing(needs, turn.contact.id)
  if (!open) return undefined

  const reach = open.notes < notesOfRequest ? await reachOf(needs, turn) : unreached
  const { targets } = reach
  const texts = textsOf(turn.language)
  const shown = quoted(email, addressLength)
  const house = textsOf(needs.languages[0] ?? 'en')
  const { contact, conversation } = turn
  const note = noteOf({ title: house.noteEmailTitle, contact, conversation, words: [email] }, house)
  return {
    replies: [{ text: targets.length > 0 ? texts.emailPassedOn(shown) : texts.emailKept(shown) }],
    confidence: 1,
    trace: { trigger: 'email', handoff: open.id, ...traceOf(reach) },
    commit: (tx) => passOn(tx, needs, turn, { request: withAddress(open, email), open, targets, note }),
    leaves: written.filter(({ text }) => saysMoreThan(email, text)),
  }
}

/** The request may stand in another conversation of the person's: the address goes with it, first. */
const withAddress = (request: Handoff, email: string): Handoff => ({
  ...request,
  summary: request.summary.includes(email)
    ? request.summary
    : `${email}\n${request.summary}`.slice(0, summaryLength).toWellFormed(),
})
