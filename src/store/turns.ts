import type { Session } from './dialect/dialect.ts'
import { isFree, latestEnd } from './lease-time.ts'
import { accountsText, heldRows } from './place.ts'
import { newReplies, replyColumns, type ReplyRow } from './message-rows.ts'
import { renewLanes } from './outbox-statements.ts'
import { toContact, toConversation, toDelivery, toMessage } from './rows.ts'
import type { ContactRow, ConversationRow, TurnRow } from './schema.ts'
import type {
  Delivery,
  SendRoom,
  StoredTurn,
  TakenTurn,
  TurnCommit,
  TurnCommitted,
  TurnReader,
  TurnWriter,
} from './store.ts'
import {
  claimedReplies,
  commitLeases,
  type CommittedRow,
  handleMessages,
  laterTurns,
  lockLeases,
  pendingMessages,
  type PendingRow,
  releaseLease,
  renewLeases,
  newTurns,
  storedTurns,
  takeLeases,
  turnOfMessage,
  waiting,
} from './turn-statements.ts'

export function createTurnReader(session: Session): TurnReader {
  return {
    async ofMessage(conversation, seq) {
      const [row] = await session.all(turnOfMessage, { conversation, seq })
      return row && toTurn(row)
    },
    async waiting(now, accounts, limit, leaseMs, own = '') {
      const rows = await session.all(waiting, {
        now,
        latest: latestEnd(now, leaseMs),
        own,
        accounts: accountsText(accounts),
        limit,
      })
      return rows.map((row) => row.id)
    },
    async later(ids, now, leaseMs) {
      const rows = await session.each(laterTurns, {
        wanted: idRows(ids),
        now,
        latest: latestEnd(now, leaseMs),
      })
      return rows.map((row) => ({ conversationId: row.id, dueAt: row.due_at }))
    },
  }
}

export function createTurnWriter(session: Session): TurnWriter {
  return {
    ...createTurnReader(session),
    async take(ids, token, now, until, own = '') {
      const latest = latestEnd(now, until - now)
      const wanted = idRows(ids)
      const [taken, pending] = await Promise.all([
        session.each(takeLeases, { wanted, token, now, until, latest, own }),
        session.each(pendingMessages, { wanted }),
      ])
      const byConversation = Map.groupBy(pending, (row) => row.conversation_id)
      for (const { id } of taken) {
        // Somebody else committed them between the two statements that found it and took it.
        if (!byConversation.has(id)) await session.all(releaseLease, { id, token, at: now, uncount: 1 })
      }
      return taken.flatMap((row) => toTakenTurn(row, byConversation.get(row.id) ?? []))
    },
    async renew(ids, token, until) {
      const rows = await session.each(renewLeases, { wanted: heldRows(ids, token), until })
      return rows.map((row) => row.id)
    },
    commit: (commits, now, room = noRoom) => commitTurns(session, commits, now, room),
    async release(id, token, at, counts) {
      await session.all(releaseLease, { id, token, at, uncount: counts ? 0 : 1 })
    },
  }
}

export const idRows = (ids: readonly string[]): { id: string }[] => ids.map((id) => ({ id }))

/** In a group, one turn answers one person: the first of those waiting. */
function toTakenTurn(row: ConversationRow, pending: PendingRow[]): TakenTurn[] {
  const first = pending[0]
  if (!first) return []
  const others = pending.findIndex((message) => message.contact_id !== first.contact_id)
  const own = others < 0 ? pending : pending.slice(0, others)
  const contact: ContactRow = {
    id: first.person_id,
    channel: first.person_channel,
    platform_id: first.person_platform_id,
    name: first.person_name,
    language: first.person_language,
    blocked: first.person_blocked,
    seen_at: 0,
    created_at: 0,
  }
  return [
    {
      conversation: toConversation(row),
      contact: toContact(contact),
      pending: own.map(toMessage),
      dueAt: row.turn_after,
      attempt: row.turn_attempts,
    },
  ]
}

const noRoom: SendRoom = { until: 0, conversationIds: new Set() }

async function commitTurns(
  session: Session,
  commits: TurnCommit[],
  now: number,
  room: SendRoom,
): ReturnType<TurnWriter['commit']> {
  const guards = commits.map((commit) => ({
    ...guardOf(commit),
    replies: commit.replies.length,
    sends: Number(commit.replies.length > 0 && room.conversationIds.has(commit.conversationId)),
  }))
  const latest = latestEnd(now, room.until - now)
  const [before, kept] = await Promise.all([
    session.each(lockLeases, { commits: guards }),
    session.each(commitLeases, { commits: guards, now, lane_until: room.until, latest }),
  ])
  const rows = new Map(kept.map((row) => [row.id, row]))
  // A lane this process has held already looks as one just taken.
  const free = new Set(before.filter(({ lane_until }) => isFree(lane_until, now, latest)).map(({ id }) => id))
  const taken = { until: room.until, conversationIds: room.conversationIds.intersection(free) }
  const ended = commits.map((commit) => endOf(commit, rows.get(commit.conversationId), now, taken))
  const valid = commits.filter((_, index) => ended[index])
  if (valid.length > 0) {
    await session.each(handleMessages, { commits: valid.map(guardOf), now })
    await session.insert(newTurns, valid.map(turnRow))
    const replies = ended.flatMap((end) => end?.replies ?? [])
    if (replies.length > 0) await session.insert(newReplies, replies)
  }
  const missing = commits.filter((_, index) => !ended[index])
  const stored = missing.length > 0 ? await storedBefore(session, missing, room) : undefined
  return ended.map((end, index) => end?.committed ?? stored?.get(commits[index]?.turn.id ?? ''))
}

/**
 * Of turns whose lease no longer holds those that are stored already, by their ids: the acknowledgement of the transaction
 * was lost. What they claimed and nobody has taken since is the caller's to send, for as long as it has room.
 */
async function storedBefore(
  session: Session,
  commits: TurnCommit[],
  { until, conversationIds }: SendRoom,
): Promise<Map<string, TurnCommitted>> {
  const stored = await session.each(storedTurns, { commits: commits.map(guardOf) })
  if (stored.length === 0) return new Map()
  const free = commits.filter(({ conversationId }) => conversationIds.has(conversationId)).map(guardOf)
  const replies = await session.each(claimedReplies, { commits: free })
  const claimed = new Map(replies.map((reply) => [reply.turn_id, reply]))
  await session.each(renewLanes, { wanted: free.filter(({ turn_id: id }) => claimed.has(id)), until })
  return new Map(
    stored.map((row) => {
      const first = claimed.get(row.turn_id)
      return [row.turn_id, committedOf(row, first && toDelivery(first, row), true)]
    }),
  )
}

const guardOf = (commit: TurnCommit) => ({
  id: commit.conversationId,
  token: commit.token,
  epoch: commit.epoch,
  through: commit.through,
  language: commit.language,
  turn_id: commit.turn.id,
})

/** What a turn leaves behind; the first reply is on its way when the lane was taken for it. */
function endOf(
  commit: TurnCommit,
  row: CommittedRow | undefined,
  now: number,
  { until, conversationIds }: SendRoom,
): { committed: TurnCommitted; replies: ReplyRow[] } | undefined {
  if (!row) return undefined
  const replies = replyRows(commit, row.last_seq - commit.replies.length, now)
  const [first] = replies
  const wasFree = conversationIds.has(commit.conversationId)
  const sends = wasFree && row.lane_token === commit.token && row.lane_until === until
  if (first && sends) {
    first.state = 'sending'
    first.attempts = 1
  }
  const delivery = first && sends ? toDelivery({ ...first, plain: 0, suspect: 0 }, row) : undefined
  return {
    committed: committedOf(row, delivery, false),
    replies,
  }
}

const committedOf = (
  row: CommittedRow,
  delivery: Delivery | undefined,
  isRepeated: boolean,
): TurnCommitted => ({
  lastSeq: row.last_seq,
  pendingSince: row.pending_since ?? undefined,
  delivery,
  isRepeated,
})

const replyRows = (commit: TurnCommit, before: number, now: number): ReplyRow[] =>
  commit.replies.map((reply, index) => ({
    conversation_id: commit.conversationId,
    seq: before + index + 1,
    ...replyColumns(reply),
    language: commit.language,
    state: commit.repliesAre,
    turn_id: commit.turn.id,
    attempts: 0,
    created_at: now,
    settled_at: commit.repliesAre === 'sent' ? now : null,
  }))

/** Of an `integer` in PostgreSQL. */
const largestInteger = 2 ** 31 - 1

const turnRow = (commit: TurnCommit): TurnRow => ({
  id: commit.turn.id,
  conversation_id: commit.conversationId,
  attempt: commit.attempt,
  source: commit.turn.source,
  confidence: commit.turn.confidence,
  trace: JSON.stringify(commit.turn.trace),
  input_tokens: commit.turn.inputTokens,
  output_tokens: commit.turn.outputTokens,
  cost_micro_usd: Math.round(commit.turn.costMicroUsd),
  duration_ms: Math.min(Math.max(Math.round(commit.turn.durationMs), 0), largestInteger),
  started_at: commit.turn.startedAt,
})

function toTurn(row: TurnRow): StoredTurn {
  return {
    id: row.id,
    conversationId: row.conversation_id,
    attempt: row.attempt,
    source: row.source,
    confidence: row.confidence,
    trace: JSON.parse(row.trace) as Record<string, unknown>,
    inputTokens: row.input_tokens,
    outputTokens: row.output_tokens,
    costMicroUsd: row.cost_micro_usd,
    durationMs: row.duration_ms,
    startedAt: row.started_at,
  }
}
