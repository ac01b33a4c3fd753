import { type Session, statement } from './dialect/dialect.ts'
import { messageColumns, storeMessages } from './message-rows.ts'
import { toContact, toConversation, toMessage } from './rows.ts'
import type { ContactRow, ConversationRow, MessageRow, TurnRow } from './schema.ts'
import type { StoredTurn, TakenTurn, TurnCommit, TurnReader, TurnWriter } from './store.ts'

const waiting = statement<{ now: number; channels: string; limit: number }, { id: string }>(
  ({ rows }) => `
    select conversations.id from conversations
    join ${rows('channels', { name: 'text' })} on channels.name = conversations.channel
    where conversations.id in (select conversation_id from messages where state = 'received')
      and conversations.turn_after <= :now and conversations.lease_until <= :now
    order by conversations.pending_since limit :limit`,
)

const turnOfMessage = statement<{ conversation: string; seq: number }, TurnRow>(
  () => `
    select turns.* from messages join turns on turns.id = messages.turn_id
    where messages.conversation_id = :conversation and messages.seq = :seq`,
)

const takeLeases = statement<{ wanted: string; token: string; now: number; until: number }, ConversationRow>(
  ({ rows, forUpdate }) => `
    update conversations set lease_token = :token, lease_until = :until, turn_attempts = turn_attempts + 1
    where id in (
      select conversations.id from ${rows('wanted', { id: 'text' })}
      join conversations on conversations.id = wanted.id
      where conversations.turn_after <= :now and conversations.lease_until <= :now
        and exists (
          select 1 from messages where messages.conversation_id = conversations.id and messages.state = 'received')
      order by conversations.id ${forUpdate('skip locked')})
    returning *`,
)

type PendingRow = MessageRow & {
  person_id: string
  person_channel: string
  person_platform_id: string
  person_name: string
  person_language: string | null
  person_blocked: number
}

const pendingMessages = statement<{ wanted: string }, PendingRow>(
  ({ rows }) => `
    select messages.*, contacts.id as person_id, contacts.channel as person_channel,
      contacts.platform_id as person_platform_id, contacts.name as person_name,
      contacts.language as person_language, contacts.blocked as person_blocked
    from ${rows('wanted', { id: 'text' })}
    join messages on messages.conversation_id = wanted.id and messages.state = 'received'
    join contacts on contacts.id = messages.contact_id
    order by messages.conversation_id, messages.seq`,
)

const renewLeases = statement<{ wanted: string; token: string; until: number }, { id: string }>(
  ({ rows }) => `
    update conversations set lease_until = :until
    where lease_token = :token and id in (select wanted.id from ${rows('wanted', { id: 'text' })})
    returning id`,
)

/**
 * A statement sees what was committed before it began, and one that waits for a row does not look again: locked first, the
 * commit sees the messages that arrived until then.
 */
const lockLeases = statement<{ commits: string }, { id: string }>(
  ({ rows, forUpdate }) => `
    select conversations.id from ${rows('commits', { id: 'text' })}
    join conversations on conversations.id = commits.id
    order by conversations.id ${forUpdate()}`,
)

const commitLeases = statement<
  { commits: string; now: number },
  { id: string; last_seq: number; pending_since: number | null }
>(
  ({ rows }) => `
    update conversations set lease_token = null, lease_until = 0, turn_attempts = 0,
      last_seq = conversations.last_seq + commits.replies, language = commits.language, updated_at = :now,
      pending_since = (
        select min(messages.created_at) from messages
        where messages.conversation_id = conversations.id and messages.state = 'received'
          and messages.seq > commits.through)
    from ${rows('commits', {
      id: 'text',
      token: 'text',
      epoch: 'bigint',
      through: 'bigint',
      replies: 'integer',
      language: 'text',
    })}
    where conversations.id = commits.id and conversations.lease_token = commits.token
      and conversations.epoch = commits.epoch
    returning conversations.id, conversations.last_seq, conversations.pending_since`,
)

const handleMessages = statement<{ commits: string; now: number }, never>(
  ({ rows }) => `
    update messages set state = 'handled', turn_id = commits.turn_id, settled_at = :now
    from ${rows('commits', { id: 'text', through: 'bigint', turn_id: 'text' })}
    where messages.conversation_id = commits.id and messages.seq <= commits.through and messages.state = 'received'`,
)

const storeTurns = statement<{ turns: string }, never>(
  ({ rows }) => `
    insert into turns (id, conversation_id, attempt, source, confidence, trace, input_tokens, output_tokens,
      cost_micro_usd, duration_ms, started_at)
    select id, conversation_id, attempt, source, confidence, trace, input_tokens, output_tokens,
      cost_micro_usd, duration_ms, started_at
    from ${rows('turns', {
      id: 'text',
      conversation_id: 'text',
      attempt: 'integer',
      source: 'text',
      confidence: 'real',
      trace: 'text',
      input_tokens: 'integer',
      output_tokens: 'integer',
      cost_micro_usd: 'bigint',
      duration_ms: 'integer',
      started_at: 'bigint',
    })}`,
)

const releaseLease = statement<{ id: string; token: string; at: number }, never>(
  () => `
    update conversations set lease_token = null, lease_until = 0, turn_after = :at
    where id = :id and lease_token = :token`,
)

export function createTurnReader(session: Session): TurnReader {
  return {
    async ofMessage(conversation, seq) {
      const [row] = await session.all(turnOfMessage, { conversation, seq })
      return row && toTurn(row)
    },
    async waiting(now, channels, limit) {
      const names = JSON.stringify(channels.map((name) => ({ name })))
      const rows = await session.all(waiting, { now, channels: names, limit })
      return rows.map((row) => row.id)
    },
  }
}

export function createTurnWriter(session: Session): TurnWriter {
  return {
    ...createTurnReader(session),
    async take(ids, token, now, until) {
      const taken = await session.all(takeLeases, { wanted: idRows(ids), token, now, until })
      if (taken.length === 0) return []
      const pending = await session.all(pendingMessages, { wanted: idRows(taken.map((row) => row.id)) })
      const byConversation = Map.groupBy(pending, (row) => row.conversation_id)
      return taken.flatMap((row) => toTakenTurn(row, byConversation.get(row.id) ?? []))
    },
    async renew(ids, token, until) {
      const rows = await session.all(renewLeases, { wanted: idRows(ids), token, until })
      return rows.map((row) => row.id)
    },
    commit: (commits, now) => commitTurns(session, commits, now),
    async release(id, token, at) {
      await session.all(releaseLease, { id, token, at })
    },
  }
}

export const idRows = (ids: string[]): string => JSON.stringify(ids.map((id) => ({ id })))

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
  const guards = JSON.stringify(
    commits.map((commit) => ({ ...guardOf(commit), replies: commit.replies.length })),
  )
  await session.all(lockLeases, { commits: guards })
  const kept = await session.all(commitLeases, { commits: guards, now })
  const byId = new Map(kept.map((row) => [row.id, row]))
  const valid = commits.filter((commit) => byId.has(commit.conversationId))
  if (valid.length > 0) {
    await session.all(handleMessages, { commits: JSON.stringify(valid.map(guardOf)), now })
    await session.all(storeTurns, { turns: JSON.stringify(valid.map(turnRow)) })
    const replies = valid.flatMap((commit) =>
      replyRows(commit, byId.get(commit.conversationId)?.last_seq ?? 0, now),
    )
    if (replies.length > 0) await session.all(storeMessages, { messages: JSON.stringify(replies) })
  }
  return commits.map(({ conversationId }) => {
    const row = byId.get(conversationId)
    return row && { lastSeq: row.last_seq, pendingSince: row.pending_since ?? undefined }
  })
}

const guardOf = (commit: TurnCommit): object => ({
  id: commit.conversationId,
  token: commit.token,
  epoch: commit.epoch,
  through: commit.through,
  language: commit.language,
  turn_id: commit.turn.id,
})

function replyRows(commit: TurnCommit, lastSeq: number, now: number): object[] {
  const before = lastSeq - commit.replies.length
  return commit.replies.map((reply, index) => ({
    ...messageColumns,
    conversation_id: commit.conversationId,
    seq: before + index + 1,
    author: 'bot',
    text: reply.text,
    buttons: reply.buttons ? JSON.stringify(reply.buttons) : null,
    language: commit.language,
    state: commit.repliesAre,
    turn_id: commit.turn.id,
    created_at: now,
    settled_at: commit.repliesAre === 'sent' ? now : null,
  }))
}

const turnRow = (commit: TurnCommit): object => ({
  id: commit.turn.id,
  conversation_id: commit.conversationId,
  attempt: commit.attempt,
  source: commit.turn.source,
  confidence: commit.turn.confidence,
  trace: JSON.stringify(commit.turn.trace),
  input_tokens: commit.turn.inputTokens,
  output_tokens: commit.turn.outputTokens,
  cost_micro_usd: commit.turn.costMicroUsd,
  duration_ms: commit.turn.durationMs,
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
