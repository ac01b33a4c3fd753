import { quoted } from '../../model/markdown.ts'
import { languages } from '../../model/language.ts'
import { textsOf } from '../../model/texts/texts.ts'
import type { StoredMessage } from '../../model/message.ts'
import type { Handoff } from '../../store/store.ts'
import type { Answer, Turn } from '../answers.ts'
import { type Address, addressIn } from './address.ts'
import { saysMoreThan } from './email.ts'
import type { HandoffNeeds } from './needs.ts'
import { noteOf } from './note.ts'
import { newRequest } from './request.ts'
import { standing, summaryLength } from './open-request.ts'
import { passOn, reachOf, traceOf, unreached } from './pass-on.ts'

/** RFC 5321 §4.5.3.1: the longest e-mail address. */
const addressLength = 254
/** Of what was said with an address, what the request keeps. */
const wordsLength = 500
/** One for itself, one for an address left for it. */
const notesOfRequest = 2
/** How far back the question for an address may be. */
const historyRead = 4

/**
 * Thanks for an e-mail address, a phone number or a name on Telegram, keeps it with the person's request for a human, and
 * passes it on: one note a request, so that nobody can flood the team with addresses. Who leaves one without having asked
 * wants to be reached: that is a request.
 */
export async function keepAddress(needs: HandoffNeeds, turn: Turn): Promise<Answer | undefined> {
  const written = turn.messages.filter(({ kind }) => kind !== 'button')
  if (!written.some(({ text }) => addressIn(text, true))) return undefined
  const open = await standing(needs, turn.contact.id)
  const left = addressOf(written, open !== undefined || (await wasAskedFor(turn)))
  if (!left) return undefined
  const { carrier, address } = left
  const request = open ?? newRequest(needs, turn, address.kind, [])
  const reach = request.notes < notesOfRequest ? await reachOf(needs, turn) : unreached
  const { targets } = reach
  const texts = textsOf(turn.language)
  const shown = quoted(address.value, addressLength)
  return {
    replies: [{ text: targets.length > 0 ? texts.addressPassedOn(shown) : texts.addressKept(shown) }],
    confidence: 1,
    trace: { trigger: address.kind, handoff: request.id, ...traceOf(reach) },
    commit: async (tx) => {
      const kept = withWords(request, carrier.text)
      await passOn(tx, needs, turn, { request: kept, open, targets, note: noteTo(needs, turn, carrier.text) })
      if (!open) needs.events.handoffOffered({ conversationId: turn.conversation.id, reason: address.kind })
    },
    leaves: written.filter(({ text }) => saysMoreThan(address.value, text)),
  }
}

/** The first address of a burst, and the message it stands in. */
function addressOf(
  written: readonly StoredMessage[],
  asked: boolean,
): { carrier: StoredMessage; address: Address } | undefined {
  for (const carrier of written) {
    const address = addressIn(carrier.text, asked)
    if (address) return { carrier, address }
  }
  return undefined
}

/** Whether the bot said a moment ago that an address may be left. */
async function wasAskedFor(turn: Turn): Promise<boolean> {
  const last = (await turn.history(historyRead)).findLast(({ author }) => author === 'bot')
  return last !== undefined && languages.some((language) => textsOf(language).contactOffer === last.text)
}

function noteTo(needs: HandoffNeeds, { contact, conversation }: Turn, words: string): string {
  const house = textsOf(needs.languages[0] ?? 'en')
  return noteOf({ title: house.noteAddressTitle, contact, conversation, words: [words] }, house)
}

/** The request may stand in another conversation of the person's: what was said with the address goes with it, first. */
const withWords = (request: Handoff, words: string): Handoff => ({
  ...request,
  summary: request.summary.includes(words)
    ? request.summary
    : `${words.slice(0, wordsLength)}\n${request.summary}`.trim().slice(0, summaryLength).toWellFormed(),
})
