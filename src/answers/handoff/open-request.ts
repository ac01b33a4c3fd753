import type { Handoff } from '../../store/store.ts'
import type { Turn } from '../answers.ts'
import type { HandoffNeeds } from './needs.ts'

const day = 86_400_000
/** Messages looked through for what a person said last. */
const historyRead = 20
const wordsKept = 3
/** Of what the person said, what the request keeps as its summary. */
export const summaryLength = 1000

/** An empty message, or a command. */
const saysNothing = /^\s*(?:\/[\p{L}\p{N}_]+(?!\S)|$)/u

/** The person's open request, unless it is so old that asking again is worth a new note. */
export async function standing(
  { read, clock, repeatAfterMs = day }: Pick<HandoffNeeds, 'read' | 'clock' | 'repeatAfterMs'>,
  contactId: string,
): Promise<Handoff | undefined> {
  const open = await read.openOf(contactId)
  return open && clock.now() - open.createdAt < repeatAfterMs ? open : undefined
}

/** What the person wrote last, oldest first. */
export async function lastWords(turn: Turn): Promise<string[]> {
  const said = [...(await turn.history(historyRead)), ...turn.messages]
  return said
    .filter(({ author, kind, text }) => author === 'contact' && kind !== 'button' && !saysNothing.test(text))
    .slice(-wordsKept)
    .map(({ text }) => text.slice(0, 2000))
}
