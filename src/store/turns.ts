import type { Session } from './dialect/dialect.ts'
import { latestEnd } from './lease-time.ts'
import { messageColumns, newMessages, replyColumns } from './message-rows.ts'
import { toContact, toConversation, toMessage } from './rows.ts'
import type { ContactRow, ConversationRow, MessageRow, TurnRow } from './schema.ts'
import type { StoredTurn, TakenTurn, TurnCommit, TurnReader, TurnWriter } from './store.ts'
import {
  commitLeases,
  handleMessages,
  lockLeases,
  pendingMessages,
  type PendingRow,
  releaseLease,
  renewLeases,
  newTurns,
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
    async waiting(now, channels, limit, leaseMs) {
      const names = JSON.stringify(channels.map((name) => ({ name })))
      const rows = await session.all(waiting, {
        now,
        latest: latestEnd(now, leaseMs),
        channels: names,
        limit,
      })
      return rows.map((row) => row.id)
    },
  }
}

export function createTurnWriter(session: Session): TurnWriter {
  return {
    ...createTurnReader(session),
    async take(ids, token, now, until) {
      const latest = latestEnd(now, until - now)
      const taken = await session.each(takeLeases, { wanted: idRows(ids), token, now, until, latest })
      if (taken.length === 0) return []
      const pending = await session.each(pendingMessages, { wanted: idRows(taken.map((row) => row.id)) })
      const byConversation = Map.groupBy(pending, (row) => row.conversation_id)
      for (const { id } of taken) {
        // Somebody else committed them between the two statements that found it and took it.
        if (!byConversation.has(id)) await session.all(releaseLease, { id, token, at: now, uncount: 1 })
      }
      return taken.flatMap((row) => toTakenTurn(row, byConversation.get(row.id) ?? []))
    },
    async renew(ids, token, until) {
      const rows = await session.each(renewLeases, { wanted: idRows(ids), token, until })
      return rows.map((row) => row.id)
    },
    commit: (commits, now) => commitTurns(session, commits, now),
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
    created_at: 0,
  }
  return [
    {
      conversation: toConversation(row),
      contact: toContact(contact),
      pending: own.map(toMessage),
      attempt: row.turn_attempts,
    },
  ]
}

async function commitTurns(
  session: Session,
  commits: TurnCommit[],
  now: number,
): ReturnType<TurnWriter['commit']> {
  const guards = commits.map((commit) => ({ ...guardOf(commit), replies: commit.replies.length }))
  await session.each(lockLeases, { commits: guards })
  const kept = await session.each(commitLeases, { commits: guards, now })
  const byId = new Map(kept.map((row) => [row.id, row]))
  const valid = commits.filter((commit) => byId.has(commit.conversationId))
  if (valid.length > 0) {
    await session.each(handleMessages, { commits: valid.map(guardOf), now })
    await session.insert(newTurns, valid.map(turnRow))
    const replies = valid.flatMap((commit) =>
      replyRows(commit, byId.get(commit.conversationId)?.last_seq ?? 0, now),
    )
    if (replies.length > 0) await session.insert(newMessages, replies)
  }
  return commits.map(({ conversationId }) => {
    const row = byId.get(conversationId)
    return row && { lastSeq: row.last_seq, pendingSince: row.pending_since ?? undefined }
  })
}

const guardOf = (commit: TurnCommit) => ({
  id: commit.conversationId,
  token: commit.token,
  epoch: commit.epoch,
  through: commit.through,
  language: commit.language,
  turn_id: commit.turn.id,
})

function replyRows(commit: TurnCommit, lastSeq: number, now: number): MessageRow[] {
  const before = lastSeq - commit.replies.length
  return commit.replies.map((reply, index) => ({
    ...messageColumns,
    conversation_id: commit.conversationId,
    seq: before + index + 1,
    author: 'bot',
    ...replyColumns(reply),
    language: commit.language,
    state: commit.repliesAre,
    turn_id: commit.turn.id,
    created_at: now,
    settled_at: commit.repliesAre === 'sent' ? now : null,
  }))
}

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
  duration_ms: Math.round(commit.turn.durationMs),
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
