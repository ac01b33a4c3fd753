import { type Session, statement } from './dialect/dialect.ts'
import type { HandoffRow } from './schema.ts'
import type { Handoff, HandoffReader, HandoffWriter } from './store.ts'
import { clean } from './text.ts'

const open = statement<{ limit: number }, HandoffRow>(
  () => `select * from handoffs where status = 'open' order by created_at desc limit :limit`,
)

const openOf = statement<{ contact: string }, HandoffRow>(
  () => `
    select * from handoffs where status = 'open' and contact_id = :contact
    order by created_at desc limit 1`,
)

const find = statement<{ ending: string }, { id: string }>(
  () => `
    select id from handoffs
    where status = 'open' and (id like '%' || :ending or conversation_id like '%' || :ending) limit 2`,
)

const notes = statement<{ channel: string; after: number; until: number }, { count: number }>(
  () => `
    select coalesce(sum(handoffs.notes), 0) as count from handoffs
    join conversations on conversations.id = handoffs.conversation_id
    where handoffs.noted_at > :after and handoffs.noted_at <= :until and conversations.channel = :channel`,
)

const store = statement<
  {
    id: string
    conversation: string
    contact: string
    reason: string
    summary: string
    now: number
    notes: number
    noted: number | null
  },
  never
>(
  () => `
    insert into handoffs (id, conversation_id, contact_id, reason, summary, status, notes, noted_at, created_at)
    values (:id, :conversation, :contact, :reason, :summary, 'open', :notes, :noted, :now)
    on conflict (id) do update set summary = excluded.summary, notes = excluded.notes, noted_at = excluded.noted_at`,
)

const close = statement<{ id: string }, { id: string }>(
  () => `
    update handoffs set status = 'done'
    where status = 'open' and (id = :id or conversation_id = :id) returning id`,
)

export function createHandoffReader(session: Session): HandoffReader {
  return {
    async open(limit) {
      return (await session.all(open, { limit })).map(toHandoff)
    },
    async openOf(contact) {
      const [row] = await session.all(openOf, { contact })
      return row && toHandoff(row)
    },
    async find(ending) {
      return (await session.all(find, { ending })).map(({ id }) => id)
    },
    async notes(channel, after, until) {
      const [row] = await session.all(notes, { channel, after, until })
      return row?.count ?? 0
    },
  }
}

export function createHandoffWriter(session: Session): HandoffWriter {
  return {
    ...createHandoffReader(session),
    async offer({ id, conversationId, contactId, reason, summary, createdAt, notes, notedAt }) {
      await session.all(store, {
        id,
        conversation: conversationId,
        contact: contactId,
        reason,
        summary: clean(summary),
        now: createdAt,
        notes,
        noted: notedAt ?? null,
      })
    },
    async close(id) {
      return (await session.all(close, { id })).map((row) => row.id)
    },
  }
}

const toHandoff = (row: HandoffRow): Handoff => ({
  id: row.id,
  conversationId: row.conversation_id,
  contactId: row.contact_id ?? '',
  reason: row.reason,
  summary: row.summary,
  createdAt: row.created_at,
  notes: row.notes,
  notedAt: row.noted_at ?? undefined,
})
