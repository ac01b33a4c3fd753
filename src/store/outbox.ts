import { openChat } from './chats.ts'
import { type Session, statement } from './dialect/dialect.ts'
import { isOver, latestEnd } from './lease-time.ts'
import { messageColumns, newMessages, replyColumns } from './message-rows.ts'
import { toConversation, toDelivery } from './rows.ts'
import type { ConversationRow, MessageRow } from './schema.ts'
import type { Delivery, Lane, OutboxReader, OutboxWriter, Settlement } from './store.ts'
import { clean } from './text.ts'
import { idRows } from './turns.ts'

/** A lane is the replies of one conversation still to be sent; its head is the one with the lowest sequence. */
const headOf = (conversation: string, column: string): string => `
  (select head.${column} from messages head
    where head.conversation_id = ${conversation} and head.state in ('queued', 'sending')
    order by head.seq limit 1)`

/** Its time has come, or it was told to wait by a clock that has been turned back by more than a minute since. */
const isDue = (nextAt: string, toldAt: string): string =>
  `(${nextAt} <= :now or coalesce(${toldAt}, 0) > :now + 60000)`

const dueLanes = statement<{ now: number; latest: number; channels: string; limit: number }, { id: string }>(
  ({ rows }) => `
    select conversations.id from conversations
    join ${rows('channels', { name: 'text' })} on channels.name = conversations.channel
    where conversations.id in (select conversation_id from messages where state in ('queued', 'sending'))
      and ${isOver('conversations.lane_until')} and ${isDue(headOf('conversations.id', 'next_at'), headOf('conversations.id', 'settled_at'))}
    order by conversations.updated_at limit :limit`,
)

const takeLanes = statement<
  { wanted: string; token: string; now: number; until: number; latest: number },
  ConversationRow
>(
  ({ rows, forUpdate }) => `
    update conversations set lane_token = :token, lane_until = :until
    where id in (
      select conversations.id from ${rows('wanted', { id: 'text' })}
      join conversations on conversations.id = wanted.id
      where ${isOver('conversations.lane_until')} and ${isDue(headOf('conversations.id', 'next_at'), headOf('conversations.id', 'settled_at'))}
      order by conversations.id ${forUpdate('skip locked')})
    returning *`,
)

const sendHeads = statement<{ wanted: string }, MessageRow>(
  ({ rows }) => `
    update messages set state = 'sending', attempts = attempts + 1,
      suspect = case when state = 'sending' then 1 else suspect end
    where (conversation_id, seq) in (
      select wanted.id, ${headOf('wanted.id', 'seq')} from ${rows('wanted', { id: 'text' })})
    returning *`,
)

const heldLanes = statement<{ wanted: string; token: string }, ConversationRow>(
  ({ rows, forUpdate }) => `
    select conversations.* from ${rows('wanted', { id: 'text' })}
    join conversations on conversations.id = wanted.id
    where conversations.lane_token = :token
    order by conversations.id ${forUpdate()}`,
)

const recordOutcomes = statement<{ outcomes: string }, never>(
  ({ rows }) => `
    update messages set state = outcomes.state, platform_id = outcomes.platform_id, next_at = outcomes.next_at,
      error = outcomes.error, plain = outcomes.plain, attempts = attempts - outcomes.uncount,
      settled_at = outcomes.settled_at
    from ${rows('outcomes', {
      id: 'text',
      seq: 'bigint',
      state: 'text',
      platform_id: 'text',
      next_at: 'bigint',
      error: 'text',
      plain: 'integer',
      uncount: 'integer',
      settled_at: 'bigint',
    })}
    where messages.conversation_id = outcomes.id and messages.seq = outcomes.seq`,
)

const headTimes = statement<{ wanted: string }, { id: string; due_at: number | null }>(
  ({ rows }) => `
    select wanted.id, ${headOf('wanted.id', 'next_at')} as due_at from ${rows('wanted', { id: 'text' })}`,
)

const updateLanes = statement<{ lanes: string }, never>(
  ({ rows }) => `
    update conversations set lane_token = lanes.token, lane_until = lanes.until
    from ${rows('lanes', { id: 'text', token: 'text', until: 'bigint' })}
    where conversations.id = lanes.id`,
)

const renewLanes = statement<{ wanted: string; token: string; until: number }, { id: string }>(
  ({ rows, forUpdate }) => `
    update conversations set lane_until = :until
    where id in (
      select conversations.id from ${rows('wanted', { id: 'text' })}
      join conversations on conversations.id = wanted.id
      where conversations.lane_token = :token
      order by conversations.id ${forUpdate()})
    returning id`,
)

export function createOutboxReader(session: Session): OutboxReader {
  return {
    async due(now, channels, limit, leaseMs) {
      const names = JSON.stringify(channels.map((name) => ({ name })))
      const rows = await session.all(dueLanes, {
        now,
        latest: latestEnd(now, leaseMs),
        channels: names,
        limit,
      })
      return rows.map((row) => row.id)
    },
  }
}

export function createOutboxWriter(session: Session): OutboxWriter {
  return {
    ...createOutboxReader(session),
    async claim(ids, token, now, until) {
      const latest = latestEnd(now, until - now)
      const lanes = await session.all(takeLanes, { wanted: idRows(ids), token, now, until, latest })
      const deliveries = await sendNext(session, lanes)
      // Somebody else sent it between the two statements that found the lane and took it.
      const empty = lanes
        .filter(({ id }) => !deliveries.has(id))
        .map(({ id }) => ({ id, token: null, until: 0 }))
      if (empty.length > 0) await session.all(updateLanes, { lanes: JSON.stringify(empty) })
      return lanes.flatMap((lane) => deliveries.get(lane.id) ?? [])
    },
    settle: (settlements, token, now, until) => settleLanes(session, settlements, token, now, until),
    async renew(ids, token, until) {
      const rows = await session.all(renewLanes, { wanted: idRows(ids), token, until })
      return rows.map((row) => row.id)
    },
    async post(to, reply, repliesAre, now) {
      const { id, seq } = await openChat(session, to, now)
      const row = {
        ...messageColumns,
        conversation_id: id,
        seq,
        author: 'bot',
        ...replyColumns(reply),
        state: repliesAre,
        created_at: now,
        settled_at: repliesAre === 'sent' ? now : null,
      }
      await session.insert(newMessages, [row])
      return { conversationId: id, seq }
    },
  }
}

/** Marks the head of each lane as being sent. */
async function sendNext(session: Session, lanes: ConversationRow[]): Promise<Map<string, Delivery>> {
  if (lanes.length === 0) return new Map()
  const conversations = new Map(lanes.map((lane) => [lane.id, toConversation(lane)]))
  const heads = await session.all(sendHeads, { wanted: idRows([...conversations.keys()]) })
  return new Map(
    heads.flatMap((head) => {
      const conversation = conversations.get(head.conversation_id)
      return conversation ? [[head.conversation_id, toDelivery(head, conversation)]] : []
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
  const lanes = await session.all(heldLanes, { wanted: idRows(ids), token })
  const held = new Set(lanes.map((lane) => lane.id))
  const outcomes = settlements
    .filter((settlement) => held.has(settlement.conversationId))
    .map((settlement) => outcomeRow(settlement, now))
  if (outcomes.length === 0) return settlements.map(() => ({ next: undefined, dueAt: undefined }))
  await session.all(recordOutcomes, { outcomes: JSON.stringify(outcomes) })
  const heads = await session.all(headTimes, { wanted: idRows([...held]) })
  const dueAt = new Map(heads.map((head) => [head.id, head.due_at ?? undefined]))
  const goesOn = (id: string): boolean =>
    until !== undefined && (dueAt.get(id) ?? Number.POSITIVE_INFINITY) <= now
  const next = await sendNext(
    session,
    lanes.filter((lane) => goesOn(lane.id)),
  )
  const changed = lanes.map(({ id }) => (goesOn(id) ? { id, token, until } : { id, token: null, until: 0 }))
  await session.all(updateLanes, { lanes: JSON.stringify(changed) })
  return ids.map((id) => ({ next: held.has(id) ? next.get(id) : undefined, dueAt: dueAt.get(id) }))
}

function outcomeRow({ conversationId, seq, outcome }: Settlement, now: number): object {
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
      return { ...row, ...waitingColumns(outcome), error: clean(outcome.error) }
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
