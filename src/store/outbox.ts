import { openChat } from './chats.ts'
import type { Rows, Session } from './dialect/dialect.ts'
import { latestEnd } from './lease-time.ts'
import { newReplies, replyColumns } from './message-rows.ts'
import {
  doubtSending,
  dueLanes,
  freeLanes,
  hastenReplies,
  lanesTaken,
  laterLanes,
  lockLanes,
  moveLanes,
  patientReplies,
  recordOutcomes,
  renewLanes,
  sendHeads,
  takeLanes,
} from './outbox-statements.ts'
import { accountsText, heldRows, type PlaceRow } from './place.ts'
import { toDelivery } from './rows.ts'
import type { Delivery, Lane, LaneClaim, OutboxReader, OutboxWriter, Settlement } from './store.ts'
import { clean } from './text.ts'
import { idRows } from './turns.ts'

/** What is due so soon needs no hurry, in milliseconds. */
const soonMs = 2000
/** Tried later than this from now, it was by a clock that has been put back since. */
const aheadMs = 60_000

export function createOutboxReader(session: Session): OutboxReader {
  return {
    async due(now, accounts, limit, leaseMs, own = '') {
      const rows = await session.all(dueLanes, {
        now,
        latest: latestEnd(now, leaseMs),
        own,
        accounts: accountsText(accounts),
        limit,
      })
      return rows.map((row) => row.id)
    },
    async later(ids, now, soon, leaseMs, own = '') {
      const latest = latestEnd(now, leaseMs)
      const rows = await session.each(laterLanes, { wanted: idRows(ids), now, soon, latest, own })
      return rows.map((row) => ({ conversationId: row.id, dueAt: row.due_at }))
    },
  }
}

export function createOutboxWriter(session: Session): OutboxWriter {
  return {
    ...createOutboxReader(session),
    async claim(ids, token, now, until, { earlier = [], own = '' } = {}) {
      const latest = latestEnd(now, until - now)
      const kept = earlier.length > 0 ? await takenBefore(session, earlier, token, until) : []
      const rest = ids.filter((id) => !kept.some((lane) => lane.id === id))
      const taken = await session.each(takeLanes, { wanted: idRows(rest), token, now, until, latest, own })
      if (taken.length > 0) await session.each(doubtSending, { wanted: idRows(taken.map(({ id }) => id)) })
      const lanes = [...kept, ...taken]
      const deliveries = await sendNext(session, lanes, now)
      // Somebody else sent it, or put it off, between the two statements that found the lane and took it.
      const empty = lanes.map(({ id }) => id).filter((id) => !deliveries.has(id))
      if (empty.length > 0) await session.each(freeLanes, { wanted: heldRows(empty, token) })
      return lanes.flatMap((lane) => deliveries.get(lane.id) ?? [])
    },
    settle: (settlements, token, now, until) => settleLanes(session, settlements, token, now, until),
    async renew(ids, token, until) {
      const rows = await session.each(renewLanes, { wanted: heldRows(ids, token), until })
      return rows.map((row) => row.id)
    },
    async hasten({ channel, account }, now, before, limit) {
      const [soon, ahead] = [now + soonMs, now + aheadMs]
      const found = await session.all(patientReplies, { channel, account, soon, before, ahead, limit })
      const wanted = idRows(found.map(({ id }) => id))
      await session.lock(lockLanes, { wanted })
      const hastened = await session.each(hastenReplies, { wanted, now, soon })
      return { ids: hastened.map(({ id }) => id), isAll: found.length < limit }
    },
    async post(to, reply, repliesAre, now) {
      const { id, seq } = await openChat(session, to, now)
      const row = {
        conversation_id: id,
        seq,
        ...replyColumns(reply),
        language: null,
        state: repliesAre,
        turn_id: null,
        attempts: 0,
        created_at: now,
        settled_at: repliesAre === 'sent' ? now : null,
      }
      await session.insert(newReplies, [row])
      return { conversationId: id, seq }
    },
  }
}

/** Waits for what is still on its way: only then is it known what came of it. Held until `until` from now on. */
async function takenBefore(
  session: Session,
  earlier: readonly LaneClaim[],
  token: string,
  until: number,
): Promise<PlaceRow[]> {
  await session.lock(lockLanes, { wanted: idRows(earlier.map(({ id }) => id)) })
  const lanes = await session.each(lanesTaken, { wanted: earlier.map((one) => ({ ...one, token })) })
  if (lanes.length > 0)
    await session.each(renewLanes, {
      wanted: heldRows(
        lanes.map(({ id }) => id),
        token,
      ),
      until,
    })
  return lanes
}

/** Marks the head of each lane, where it is due, as being sent. */
async function sendNext(session: Session, lanes: PlaceRow[], now: number): Promise<Map<string, Delivery>> {
  if (lanes.length === 0) return new Map()
  const places = new Map(lanes.map((lane) => [lane.id, lane]))
  const heads = await session.each(sendHeads, { wanted: idRows([...places.keys()]), now })
  return new Map(
    heads.flatMap((head) => {
      const place = places.get(head.conversation_id)
      return place ? [[head.conversation_id, toDelivery(head, place)]] : []
    }),
  )
}

async function settleLanes(
  session: Session,
  settlements: Settlement[],
  token: string,
  now: number,
  until: number | undefined,
): Promise<Lane[]> {
  const ids = settlements.map((settlement) => settlement.conversationId)
  await session.lock(lockLanes, { wanted: idRows(ids) })
  await session.each(recordOutcomes, {
    outcomes: settlements.map((settlement) => outcomeRow(settlement, now)),
    token,
  })
  const moved = await session.each(moveLanes, {
    wanted: heldRows(ids, token),
    due: until === undefined ? Number.MIN_SAFE_INTEGER : now,
    until: until ?? 0,
  })
  const lanes = new Map(moved.map((lane) => [lane.id, lane]))
  // A settlement that comes twice, because the first was not acknowledged, has marked the next one without sending it.
  const next = await sendNext(
    session,
    moved.filter((lane) => lane.lane_token !== null),
    now,
  )
  return settlements.map(({ conversationId: id }) => ({
    next: next.get(id),
    dueAt: lanes.get(id)?.due_at ?? undefined,
  }))
}

function outcomeRow({ conversationId, seq, outcome }: Settlement, now: number): Rows[number] {
  const row = {
    id: conversationId,
    seq,
    platform_id: '',
    next_at: 0,
    error: null,
    plain: 0,
    uncount: 0,
    settled_at: now,
  }
  switch (outcome.kind) {
    case 'sent':
      return { ...row, state: 'sent', platform_id: clean(outcome.platformId) }
    case 'retry':
      return {
        ...row,
        ...waitingColumns(outcome),
        error: clean(outcome.error),
        uncount: Number(outcome.uncounted ?? false),
      }
    case 'wait':
      return { ...row, ...waitingColumns(outcome), uncount: 1 }
    case 'failed':
      return { ...row, state: 'failed', error: clean(outcome.error) }
    case 'uncertain':
      return { ...row, state: 'uncertain' }
  }
}

const waitingColumns = ({ at, plain }: { at: number; plain: boolean }): object => ({
  state: 'queued',
  next_at: Math.ceil(at),
  plain: Number(plain),
})
