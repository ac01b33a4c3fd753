import type { Handoff } from '../../store/store.ts'
import type { Turn } from '../answers.ts'
import type { HandoffNeeds } from './needs.ts'

const day = 86_400_000
/** Messages looked through for what a person said last. */
const historyRead = 20
const wordsKept = 3

/** The conversation's open request, unless it is so old that asking again is worth a new note. */
export async function standing(needs: HandoffNeeds, conversationId: string): Promise<Handoff | undefined> {
  const { read, clock, repeatAfterMs = day } = needs
  const open = await read.openOf(conversationId)
  return open && clock.now() - open.createdAt < repeatAfterMs ? open : undefined
}

/** What the person wrote last, oldest first. */
export async function lastWords(turn: Turn): Promise<string[]> {
  const said = [...(await turn.history(historyRead)), ...turn.messages]
  return said
    .filter(({ author, kind, text }) => author === 'contact' && kind !== 'button' && text.trim() !== '')
    .slice(-wordsKept)
    .map(({ text }) => text.slice(0, 2000))
}
