import { newId } from '../../model/ids.ts'
import { textsOf, type Texts } from '../../model/texts/texts.ts'
import type { Handoff } from '../../store/store.ts'
import type { Answer, Turn } from '../answers.ts'
import type { HandoffNeeds } from './needs.ts'
import { lastWords, standing } from './open-request.ts'
import { noteOf, postNote, targetsFor } from './note.ts'

/** Of the person's words, what the handoff keeps as its summary. */
const summaryLength = 1000

/** Stores the request and passes a note on, or says that this was done already. */
export async function requestHuman(
  needs: HandoffNeeds,
  turn: Turn,
  reason: 'asked' | 'button',
): Promise<Answer> {
  const texts = textsOf(turn.language)
  const targets = targetsFor(needs.targets, turn.conversation)
  const now = needs.clock.now()
  const open = await standing(needs, turn.conversation.id)
  if (open) return already(open, now, targets.length > 0, texts)

  const words = await lastWords(turn)
  const summary = words.join('\n').slice(0, summaryLength).toWellFormed()
  const handoff = { id: newId(), conversationId: turn.conversation.id, reason, summary, createdAt: now }
  const house = textsOf(needs.languages[0] ?? 'en')
  const { contact, conversation } = turn
  const note = noteOf({ title: house.noteTitle, contact, conversation, reason, words }, house)
  return {
    replies: [{ text: targets.length > 0 ? texts.notePassedOn : texts.nobodyReachable }],
    confidence: 1,
    trace: { trigger: reason, handoff: handoff.id, notes: targets.length },
    commit: async (tx) => {
      await tx.handoffs.offer(handoff)
      await postNote(tx, targets, note, now)
      needs.events.handoffOffered({ conversationId: conversation.id, reason })
    },
  }
}

function already(open: Handoff, now: number, reachable: boolean, texts: Texts): Answer {
  const ago = Math.max(0, now - open.createdAt)
  return {
    replies: [{ text: reachable ? texts.noteAlreadyPassedOn(ago) : texts.nobodyReachableYet(ago) }],
    confidence: 1,
    trace: { trigger: 'repeated', handoff: open.id, notes: 0 },
  }
}
