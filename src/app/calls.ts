import type { Turn } from '../answers/answers.ts'
import type { CallLimits, CallRefusal } from '../model/limits.ts'
import type { Moment } from '../model/moment.ts'
import type { Clock } from '../model/time.ts'
import type { Events } from '../ops/events.ts'
import { createBatch } from '../pipeline/batch.ts'
import type { Store } from '../store/store.ts'

export interface CallNeeds {
  store: Pick<Store, 'write' | 'gatherMs'>
  /** Of this moment: they may have been reloaded. */
  limits: () => CallLimits
  isImmune: (contact: Turn['contact']) => boolean
  moments: (now: number) => Moment
  events: Events
  clock: Clock
}

/** Calls taken in one transaction. */
const batchSize = 200

/** Takes the model calls of people, those of turns at the same moment together. */
export function createCalls(needs: CallNeeds): (turn: Turn) => Promise<CallRefusal | undefined> {
  const { store, limits, isImmune, moments, events, clock } = needs
  const take = createBatch<string, CallRefusal | undefined>({
    size: batchSize,
    gatherMs: store.gatherMs,
    flush: (contacts) => store.write((tx) => tx.limits.takeCalls(contacts, moments(clock.now()), limits())),
  })
  return async ({ contact, conversation }) => {
    if (isImmune(contact)) return undefined
    const refusal = await take(contact.id)
    if (refusal) events.callLimited({ conversationId: conversation.id, reason: refusal.reason })
    return refusal
  }
}
