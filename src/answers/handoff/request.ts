import { newId } from '../../model/ids.ts'
import { quoted } from '../../model/markdown.ts'
import { textsOf } from '../../model/texts/texts.ts'
import type { Handoff } from '../../store/store.ts'
import type { Answer, Turn } from '../answers.ts'
import { addressLength, lastAddressIn } from './address.ts'
import type { HandoffNeeds } from './needs.ts'
import { noteOf, targetsFor } from './note.ts'
import { lastWords, standing, summaryLength } from './open-request.ts'
import { passOn, type Reach, reachOf, traceOf, unreached } from './pass-on.ts'

/** Stores the request and passes a note on, or says that this was done already. */
export async function requestHuman(
  needs: HandoffNeeds,
  turn: Turn,
  reason: 'asked' | 'button',
): Promise<Answer> {
  const open = await standing(needs, turn.contact.id)
  const reach = open && open.notes > 0 ? unreached : await reachOf(needs, turn)
  if (open && reach.targets.length === 0) return already(needs, turn, open, reach)

  const words = await lastWords(turn)
  const request = open ?? newRequest(needs, turn, reason, words)
  const house = textsOf(needs.languages[0] ?? 'en')
  const { contact, conversation } = turn
  const note = noteOf({ title: house.noteTitle, contact, conversation, reason, words }, house)
  return {
    replies: [{ text: replyTo(turn, reach) }],
    confidence: 1,
    trace: { trigger: reason, handoff: request.id, ...traceOf(reach) },
    commit: async (tx) => {
      await passOn(tx, needs, turn, { request, open, targets: reach.targets, note })
      if (!open) needs.events.handoffOffered({ conversationId: conversation.id, reason })
    },
  }
}

/** A request for a human, not stored yet. */
export function newRequest(
  { clock }: HandoffNeeds,
  { conversation, contact }: Turn,
  reason: string,
  words: string[],
): Handoff {
  return {
    id: newId(),
    conversationId: conversation.id,
    contactId: contact.id,
    reason,
    summary: words.join('\n').slice(0, summaryLength).toWellFormed(),
    createdAt: clock.now(),
    notes: 0,
    notedAt: undefined,
  }
}

function replyTo({ language }: Turn, { targets, full }: Reach): string {
  const texts = textsOf(language)
  if (full) return texts.requestHeld
  return targets.length > 0 ? texts.notePassedOn : texts.nobodyReachable
}

function already(needs: HandoffNeeds, turn: Turn, open: Handoff, reach: Reach): Answer {
  const texts = textsOf(turn.language)
  const ago = Math.max(0, needs.clock.now() - open.createdAt)
  const told = open.notes > 0 && targetsFor(needs.targets, turn.conversation).length > 0
  const address = lastAddressIn(open.summary)?.value
  const left = address === undefined ? undefined : quoted(address, addressLength)
  const kept = reach.full ? texts.requestHeld : texts.nobodyReachableYet(ago, left)
  return {
    replies: [{ text: told ? texts.noteAlreadyPassedOn(ago, left) : kept }],
    confidence: 1,
    trace: { trigger: 'repeated', handoff: open.id, ...traceOf(reach) },
  }
}
