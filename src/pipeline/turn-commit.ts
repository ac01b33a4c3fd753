import type { Channel } from '../channels/channel.ts'
import type { Charge } from '../model/money.ts'
import type { Clock } from '../model/time.ts'
import type { Faults } from '../ops/faults.ts'
import type { Store, TurnCommit, TurnCommitted, Writer } from '../store/store.ts'
import { createBatch } from './batch.ts'
import type { Outbox } from './outbox.ts'

/**
 * Settles what models cost, behind everything else in a transaction, and also when its turn commits nothing. The
 * function returned tells of it once that is durable.
 */
export type Settle = (tx: Writer, charges: readonly Charge[]) => Promise<() => void>

export interface PendingCommit {
  commit: TurnCommit
  /** More to change in the same transaction, when the turn still holds. */
  hook: ((tx: Writer) => Promise<void>) | undefined
  charges: readonly Charge[]
}

export interface CommitterNeeds {
  store: Pick<Store, 'write' | 'gatherMs'>
  settle: Settle
  channels: ReadonlyMap<string, Channel>
  outbox: Outbox
  faults: Faults
  clock: Clock
  leaseMs: number
}

const batchSize = 100

/**
 * Commits turns, many in one transaction, and in the same breath claims their first reply for this process: it is sent
 * without another commit. A turn that changes more has a transaction of its own, so that its failure is its own.
 */
export function createTurnCommitter(
  needs: CommitterNeeds,
): (pending: PendingCommit) => Promise<TurnCommitted | undefined> {
  const { store, settle, outbox, faults, clock, leaseMs } = needs

  async function commitAll(pending: PendingCommit[]): Promise<(TurnCommitted | undefined)[]> {
    const queued = pending
      .filter(({ commit }) => hasQueued(commit))
      .map(({ commit }) => commit.conversationId)
    const room = outbox.room(queued)
    try {
      return await commitInto(pending, queued, new Set(room))
    } finally {
      outbox.leave(room)
    }
  }

  /** `conversationIds`: those whose first reply is claimed. */
  async function commitInto(
    pending: PendingCommit[],
    queued: string[],
    conversationIds: ReadonlySet<string>,
  ): Promise<(TurnCommitted | undefined)[]> {
    const charges = pending.flatMap((one) => one.charges)
    const commits = pending.map((one) => one.commit)
    const claimedAt = performance.now()
    const { results, report } = await store.write(async (tx) => {
      const now = clock.now()
      const results = await tx.turns.commit(commits, now, { until: now + leaseMs, conversationIds })
      for (const [index, { hook }] of pending.entries())
        if (results[index]?.isRepeated === false) await hook?.(tx)
      const report = await settle(tx, charges)
      faults.reach('turn.before-commit')
      return { results, report }
    })
    report()
    const deliveries = results.flatMap((result) => result?.delivery ?? [])
    const claimed = new Set(deliveries.map((delivery) => delivery.conversation.id))
    const committed = new Set(
      commits.filter((_, index) => results[index]).map((commit) => commit.conversationId),
    )
    const others = queued.filter((id) => committed.has(id) && !claimed.has(id))
    outbox.carry(deliveries, others, claimedAt)
    return results
  }

  const together = createBatch<PendingCommit, TurnCommitted | undefined>({
    size: batchSize,
    gatherMs: store.gatherMs,
    flush: commitAll,
  })
  return async (pending) => {
    if (!pending.hook) return together(pending)
    const [result] = await commitAll([pending])
    return result
  }
}

const hasQueued = (commit: TurnCommit): boolean => commit.repliesAre === 'queued' && commit.replies.length > 0
