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
import { createBatch } from './batch.ts'
import { createPressCheck } from './presses.ts'

export interface InboxNeeds {
  store: Pick<Store, 'read' | 'write'>
  doorbell: Doorbell
  bus: Bus
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

/** Where each is stored, in the order given; presses that name no button of their message are left out. */
export type Inbox = (incoming: Incoming[]) => Promise<Stored[]>

/** Updates of one transaction, and how many may wait for it before the platform is told to come back. */
const batchSize = 200
const waitingLimit = 5000
/** How often a message is tried that fails for a reason of its own, and the wait in between, longer each time. */
const tries = 3
const waitMs = 20

/**
 * Stores what arrives; resolves when it is durable. Rejects with `DATABASE_UNAVAILABLE` or `OVERLOADED` (both 503)
 * when nothing was stored.
 */
export function createInbox(needs: InboxNeeds): Inbox {
  const { store, doorbell, bus, channels, events, faults, clock, limits, moments, isImmune } = needs
  const wanted = createPressCheck(needs)

  const accept = createBatch<Arrival, Accepted>({
    size: batchSize,
    limit: waitingLimit,
    full: () => new ParleyError('OVERLOADED', undefined, { status: 503 }),
    flush: (arrivals) =>
      store.write(async (tx) => {
        const { now, ...ends } = moments(clock.now())
        const accepted = await tx.inbox.accept(arrivals, now, { limits: limits(), ...ends })
        faults.reach('inbox.before-commit')
        return accepted
      }),
  })

  /** What the store refuses for what is in it is stored without that: the person gets an answer, nobody waits behind. */
  async function acceptAnyhow(arrival: Arrival): Promise<Accepted> {
    for (let count = 1; ; count += 1) {
      try {
        return await accept(arrival)
      } catch (err) {
        if (err instanceof ParleyError && err.status === 503) throw err
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

  async function acceptOne(incoming: Incoming): Promise<Stored> {
    const channel = channels.get(incoming.channel)
    const immune = isImmune({ channel: incoming.channel, platformId: incoming.sender.id })
    const accepted = await acceptAnyhow({ incoming, quietMs: quietTime(incoming, channel), immune })
    faults.reach('inbox.after-commit')
    const { conversationId, seq, duplicate, pending, dueAt, over } = accepted
    events.messageAccepted({ channel: incoming.channel, conversationId, seq, duplicate })
    if (over) {
      const told = over.notice !== undefined
      events.messageLimited({ conversationId, seq, reason: over.reason, told })
    }
    channel?.accepted?.(incoming)
    if (!duplicate) bus.publish({ type: 'changed', conversationId, seq })
    if (pending) doorbell.ring('turn', conversationId, dueAt - clock.now())
    return { conversationId, seq }
  }

  return async (incoming) => {
    faults.reach('inbox.received')
    return Promise.all((await wanted(incoming)).map(acceptOne))
  }
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
