import { quoted } from '../../model/markdown.ts'
import { languages } from '../../model/language.ts'
import { type Texts, textsOf } from '../../model/texts/texts.ts'
import type { StoredMessage } from '../../model/message.ts'
import type { Handoff } from '../../store/store.ts'
import type { Answer, Turn } from '../answers.ts'
import { type Address, addressIn, addressLength } from './address.ts'
import { nearlyEmailIn, saysMoreThan } from './email.ts'
import type { HandoffNeeds } from './needs.ts'
import { noteOf } from './note.ts'
import { newRequest } from './request.ts'
import { standing, summaryLength } from './open-request.ts'
import { passOn, reachOf, traceOf, unreached } from './pass-on.ts'

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
  if (!written.some(({ text }) => addressIn(text, true) ?? nearlyEmailIn(text))) return undefined
  const open = await standing(needs, turn.contact.id)
  const last = await lastReply(turn)
  const asked = open !== undefined || isAmong(asksForAddress, last)
  const left = addressOf(written, asked) ?? (asked ? nearlyOf(written) : undefined)
  if (!left) return undefined
  const { carrier, address } = left
  if (left.isUnclear && !isAmong([(texts) => texts.addressIncomplete], last)) return askAgain(turn)
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

/** An address of a burst, and the message it stands in. */
interface Left {
  carrier: StoredMessage
  address: Address
  /** It was meant as an address, and a machine cannot make it out. */
  isUnclear?: true
}

/** The first of a burst. */
function addressOf(written: readonly StoredMessage[], asked: boolean): Left | undefined {
  for (const carrier of written) {
    const address = addressIn(carrier.text, asked)
    if (address) return { carrier, address }
  }
  return undefined
}

/** What was meant as one: a person may make it out. */
function nearlyOf(written: readonly StoredMessage[]): Left | undefined {
  for (const carrier of written) {
    const value = nearlyEmailIn(carrier.text)
    if (value !== undefined) return { carrier, address: { kind: 'email', value }, isUnclear: true }
  }
  return undefined
}

/** Once: what is written then is kept as it is. */
const askAgain = ({ language }: Turn): Answer => ({
  replies: [{ text: textsOf(language).addressIncomplete }],
  confidence: 1,
  trace: { trigger: 'unclear' },
})

/** After which an address may be left; some of them stand below the owner's words. */
const asksForAddress = [
  (texts: Texts) => texts.contactOffer,
  (texts: Texts) => texts.contactKept,
  (texts: Texts) => texts.addressIncomplete,
]

const lastReply = async (turn: Turn): Promise<string> =>
  (await turn.history(historyRead)).findLast(({ author }) => author === 'bot')?.text ?? ''

/** Whether the bot said one of these a moment ago, in whatever language. */
const isAmong = (all: readonly ((texts: Texts) => string)[], said: string): boolean =>
  all.some((text) => languages.some((language) => said.endsWith(text(textsOf(language)))))

function noteTo(needs: HandoffNeeds, { contact, conversation }: Turn, words: string): string {
  const house = textsOf(needs.languages[0] ?? 'en')
  return noteOf({ title: house.noteAddressTitle, contact, conversation, words: [words] }, house)
}

/** The request may stand in another conversation of the person's: what was said with the address goes with it, last. */
function withWords(request: Handoff, words: string): Handoff {
  if (request.summary.includes(words)) return request
  const last = words.slice(0, wordsLength)
  const before = request.summary.slice(0, summaryLength - last.length - 1)
  return { ...request, summary: `${before}\n${last}`.trim().toWellFormed() }
}
