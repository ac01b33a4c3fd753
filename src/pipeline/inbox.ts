import { setTimeout as sleep } from 'node:timers/promises'
import type { Channel } from '../channels/channel.ts'
import type { Bus, Doorbell } from '../coordination/coordination.ts'
import type { Contact } from '../model/contact.ts'
import { ParleyError } from '../model/errors.ts'
import type { MessageLimits } from '../model/limits.ts'
import type { Incoming } from '../model/message.ts'
import type { Moment } from '../model/moment.ts'
import type { Clock } from '../model/time.ts'
import type { Events } from '../ops/events.ts'
import type { Faults } from '../ops/faults.ts'
import type { Accepted, Arrival, Store } from '../store/store.ts'
import type { Admission } from './admission.ts'
import { createBatch } from './batch.ts'
import { createPressCheck } from './presses.ts'

export interface InboxNeeds {
  store: Pick<Store, 'read' | 'write' | 'gatherMs'>
  doorbell: Doorbell
  bus: Bus
  admission: Pick<Admission, 'admit'>
  channels: ReadonlyMap<string, Channel>
  events: Events
  faults: Faults
  clock: Clock
  /** What messages are counted against, now. */
  limits: () => MessageLimits
  moments: (now: number) => Moment
  /** Whose messages are not. */
  isImmune: (contact: Pick<Contact, 'channel' | 'platformId'>) => boolean
}

/** Where an update is stored: also when it was before. */
export interface Stored {
  conversationId: string
  seq: number
}

/**
 * Where each is stored, in the order given; presses that name no button of their message are left out. `inLine`: the
 * platform hands out nothing else before it got rid of these.
 */
export type Inbox = (incoming: Incoming[], options?: { inLine?: boolean }) => Promise<Stored[]>

/** Updates of one transaction. */
const batchSize = 200
/** How often a message is tried whose values the database refuses, and the wait in between, longer each time. */
const tries = 3
const waitMs = 20

/**
 * Stores what arrives; resolves when it is durable. Rejects with `DATABASE_UNAVAILABLE` or `OVERLOADED` (both 503), or
 * `RATE_LIMITED` (429), when nothing was stored.
 */
export function createInbox(needs: InboxNeeds): Inbox {
  const { channels, faults, admission, isImmune } = needs
  const wanted = createPressCheck(needs)
  const storeAnyhow = createStoring(needs)

  async function acceptOne(incoming: Incoming): Promise<Stored> {
    const channel = channels.get(incoming.channel)
    const immune = isImmune({ channel: incoming.channel, platformId: incoming.sender.id })
    const accepted = await storeAnyhow({ incoming, quietMs: quietTime(incoming, channel), immune })
    faults.reach('inbox.after-commit')
    tell(needs, incoming, accepted)
    channel?.accepted?.(incoming)
    return { conversationId: accepted.conversationId, seq: accepted.seq }
  }

  async function acceptAll(incoming: Incoming[]): Promise<Stored[]> {
    return Promise.all((await wanted(incoming)).map(acceptOne))
  }

  return async (incoming, { inLine } = {}) => {
    faults.reach('inbox.received')
    return admission.admit(incoming, () => acceptAll(incoming), inLine)
  }
}

/** Stores arrivals, many in one transaction. */
function createStoring({ store, events, faults, clock, limits, moments }: InboxNeeds) {
  const accept = createBatch<Arrival, Accepted>({
    size: batchSize,
    gatherMs: store.gatherMs,
    flush: (arrivals) =>
      store.write(async (tx) => {
        const { now, ...ends } = moments(clock.now())
        const accepted = await tx.inbox.accept(arrivals, now, { limits: limits(), ...ends })
        faults.reach('inbox.before-commit')
        return accepted
      }),
  })

  /** What the store refuses for what is in it is stored without that: the person gets an answer, nobody waits behind. */
  return async (arrival: Arrival): Promise<Accepted> => {
    for (let count = 1; ; count += 1) {
      try {
        return await accept(arrival)
      } catch (err) {
        if (!(err instanceof ParleyError && err.code === 'DATA_REFUSED')) throw err
        if (count < tries) {
          await sleep(waitMs * count)
          continue
        }
        // Were the store at fault, it would refuse this too, and nothing is confirmed.
        const accepted = await accept({ ...arrival, incoming: emptied(arrival.incoming) })
        events.updateEmptied({ conversationId: accepted.conversationId, seq: accepted.seq, err })
        return accepted
      }
    }
  }
}

/** Whoever follows the conversation, or works on it, hears of the message. */
function tell({ doorbell, bus, events, clock }: InboxNeeds, incoming: Incoming, accepted: Accepted): void {
  const { conversationId, seq, duplicate, pending, dueAt, over } = accepted
  events.messageAccepted({ channel: incoming.channel, conversationId, seq, duplicate })
  if (over) {
    events.messageLimited({ conversationId, seq, reason: over.reason, told: over.notice !== undefined })
  }
  if (!duplicate) bus.publish({ type: 'changed', conversationId, seq })
  if (pending) doorbell.ring('turn', conversationId, dueAt - clock.now())
}

/** Nobody goes on typing after a command or a button. */
function quietTime(incoming: Incoming, channel: Channel | undefined): number {
  if (incoming.kind === 'button' || incoming.text.startsWith('/')) return 0
  return channel?.capabilities.quietWindowMs ?? 0
}

const emptied = ({ channel, account, updateId, chat, sender, platformId }: Incoming): Incoming => ({
  channel,
  account,
  updateId,
  chat,
  sender: { id: sender.id, name: sender.id, language: sender.language },
  kind: 'text',
  text: '',
  platformId,
})
