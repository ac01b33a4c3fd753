import { quoted } from '../../model/markdown.ts'
import { textsOf } from '../../model/texts/texts.ts'
import type { Handoff } from '../../store/store.ts'
import type { Answer, Turn } from '../answers.ts'
import { emailIn, saysMoreThan } from './email.ts'
import type { HandoffNeeds } from './needs.ts'
import { noteOf } from './note.ts'
import { newRequest } from './request.ts'
import { standing, summaryLength } from './open-request.ts'
import { passOn, reachOf, traceOf, unreached } from './pass-on.ts'

/** RFC 5321 §4.5.3.1: the longest address. */
const addressLength = 254
/** Of what was said with an address, what the request keeps. */
const wordsLength = 500
/** One for itself, one for an address left for it. */
const notesOfRequest = 2

/**
 * Thanks for an address, keeps it with the person's request for a human, and passes it on: one note a request, so that nobody
 * can flood the team with addresses. Who leaves an address without having asked wants to be written to: that is a request.
 */
export async function keepEmail(needs: HandoffNeeds, turn: Turn): Promise<Answer | undefined> {
  const written = turn.messages.filter(({ kind }) => kind !== 'button')
  const carrier = written.find(({ text }) => emailIn(text) !== undefined)
  const email = emailIn(carrier?.text ?? '')
  if (!carrier || email === undefined) return undefined
  const open = await standing(needs, turn.contact.id)
  const request = open ?? newRequest(needs, turn, 'email', [])
  const reach = request.notes < notesOfRequest ? await reachOf(needs, turn) : unreached
  const { targets } = reach
  const texts = textsOf(turn.language)
  const shown = quoted(email, addressLength)
  return {
    replies: [{ text: targets.length > 0 ? texts.emailPassedOn(shown) : texts.emailKept(shown) }],
    confidence: 1,
    trace: { trigger: 'email', handoff: request.id, ...traceOf(reach) },
    commit: async (tx) => {
      const kept = withWords(request, carrier.text)
      await passOn(tx, needs, turn, { request: kept, open, targets, note: noteTo(needs, turn, carrier.text) })
      if (!open) needs.events.handoffOffered({ conversationId: turn.conversation.id, reason: 'email' })
    },
    leaves: written.filter(({ text }) => saysMoreThan(email, text)),
  }
}

function noteTo(needs: HandoffNeeds, { contact, conversation }: Turn, words: string): string {
  const house = textsOf(needs.languages[0] ?? 'en')
  return noteOf({ title: house.noteEmailTitle, contact, conversation, words: [words] }, house)
}

/** The request may stand in another conversation of the person's: what was said with the address goes with it, first. */
const withWords = (request: Handoff, words: string): Handoff => ({
  ...request,
  summary: request.summary.includes(words)
    ? request.summary
    : `${words.slice(0, wordsLength)}\n${request.summary}`.trim().slice(0, summaryLength).toWellFormed(),
})
