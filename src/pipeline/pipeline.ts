import { accountsAmong } from '../channels/channel.ts'
import { createGrace } from './grace.ts'
import { createInbox, type Inbox, type InboxNeeds } from './inbox.ts'
import { createOutbox, type OutboxNeeds } from './outbox.ts'
import { createSweep, type SweepNeeds } from './sweep.ts'
import { createTurns, type TurnNeeds } from './turn.ts'

export interface PipelineNeeds
  extends InboxNeeds,
    Omit<OutboxNeeds, 'grace'>,
    Omit<TurnNeeds, 'outbox' | 'grace' | 'maxTries'>,
    Omit<SweepNeeds, 'accounts' | 'grace' | 'everyMs' | 'store'> {
  store: TurnNeeds['store']
  channels: TurnNeeds['channels']
  maxTurnTries: number
  sweepMs: number
}

export interface Pipeline {
  accept: Inbox
  /** Begins to look for forgotten work. */
  start(): void
  /** Lanes of replies stop behind the one being sent; the rest leaves after the next start. */
  drain(): void
  /** Gives up turns in progress; they are answered after the next start. */
  abort(): void
  /** Waits for turns and sends in progress; the doorbell is closed by its owner first. */
  stop(): Promise<void>
}

/** Of a process that stores what arrives and leaves the rest to others: their doorbell rings. */
export function createIntake(needs: InboxNeeds): Pipeline {
  const nothing = (): void => undefined
  return {
    accept: createInbox(needs),
    start: nothing,
    drain: nothing,
    abort: nothing,
    stop: async () => undefined,
  }
}

/** The way of a message: inbox, turn, outbox, and the sweep behind them. */
export function createPipeline(needs: PipelineNeeds): Pipeline {
  const accept = createInbox(needs)
  const grace = createGrace(needs)
  const outbox = createOutbox({ ...needs, grace })
  const turns = createTurns({ ...needs, outbox, grace, maxTries: needs.maxTurnTries })
  const accounts = accountsAmong(needs.channels)
  const sweep = createSweep({ ...needs, grace, accounts, everyMs: needs.sweepMs })
  return {
    accept,
    start: sweep.start,
    drain: outbox.drain,
    abort: turns.abort,
    async stop() {
      await sweep.stop()
      turns.stop()
      await outbox.stop()
    },
  }
}
