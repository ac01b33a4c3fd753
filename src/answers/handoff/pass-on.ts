import type { Handoff, Writer } from '../../store/store.ts'
import type { Turn } from '../answers.ts'
import type { HandoffNeeds } from './needs.ts'
import { type NoteTarget, postNote, targetsFor } from './note.ts'
import { standing } from './open-request.ts'

/**
 * An anonymous visitor who drops the cookie is a new person, so that a limit for each is none. A team reads no more notes
 * than this in an hour; who asks through another channel has a count of their own.
 */
const notesAnHour = 30
const hour = 3_600_000

/** Where a note may go now. */
export interface Reach {
  /** None: nobody can be reached, or was already. */
  targets: NoteTarget[]
  /** The team has had its notes for this hour. */
  full: boolean
}

export const unreached: Reach = { targets: [], full: false }

/** Where a note about this turn may go now. */
export async function reachOf(needs: HandoffNeeds, turn: Turn): Promise<Reach> {
  const targets = targetsFor(needs.targets, turn.conversation)
  if (targets.length === 0) return unreached
  const full = await isFull(needs, turn)
  return full ? { targets: [], full } : { targets, full }
}

/** For the trace: how many notes leave, and why none. */
export const traceOf = ({ targets, full }: Reach): Record<string, unknown> => ({
  notes: targets.length,
  ...(full && { limit: 'notes_an_hour' }),
})

async function isFull({ read, clock }: Pick<HandoffNeeds, 'read' | 'clock'>, turn: Turn): Promise<boolean> {
  const now = clock.now()
  return (await read.notes(turn.conversation.channel, now - hour, now)) >= notesAnHour
}

/** A request, new or as it stands, and the note to send about it. */
export interface Passing {
  request: Handoff
  /** The person's open request as the answer was made. */
  open: Handoff | undefined
  targets: readonly NoteTarget[]
  note: string
}

/**
 * Stores the request and queues its note. Throws when another turn, of this person or at the limit, was committed since the
 * answer was made: it would not be true any more, and the turn is answered anew.
 */
export async function passOn(
  tx: Writer,
  needs: HandoffNeeds,
  turn: Turn,
  { request, open, targets, note }: Passing,
): Promise<void> {
  const { clock } = needs
  const inside = { ...needs, read: tx.handoffs }
  // Written first: it locks the team's chat, so that whoever else writes there has committed, and is seen below.
  await postNote(tx, targets, note, clock.now())
  const found = await standing(inside, turn.contact.id)
  const same = found?.id === open?.id && found?.notes === open?.notes
  if (!same || (targets.length > 0 && (await isFull(inside, turn))))
    throw new Error('another request for a human came first')
  const told = targets.length > 0 && { notes: request.notes + 1, notedAt: clock.now() }
  await tx.handoffs.offer({ ...request, ...told })
}
