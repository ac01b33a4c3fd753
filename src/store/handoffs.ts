import { type Session, statement } from './dialect/dialect.ts'
import type { HandoffRow } from './schema.ts'
import type { Handoff, HandoffReader, HandoffWriter } from './store.ts'

const open = statement<{ limit: number }, HandoffRow>(
  () => `select * from handoffs where status = 'open' order by created_at desc limit :limit`,
)

const openOf = statement<{ conversation: string }, HandoffRow>(
  () => `
    select * from handoffs where status = 'open' and conversation_id = :conversation
    order by created_at desc limit 1`,
)

const insert = statement<
  { id: string; conversation: string; reason: string; summary: string; now: number },
  never
>(
  () => `
    insert into handoffs (id, conversation_id, reason, summary, status, created_at)
    values (:id, :conversation, :reason, :summary, 'open', :now)`,
)

export function createHandoffReader(session: Session): HandoffReader {
  return {
    async open(limit) {
      return (await session.all(open, { limit })).map(toHandoff)
    },
    async openOf(conversation) {
      const [row] = await session.all(openOf, { conversation })
      return row && toHandoff(row)
    },
  }
}

export function createHandoffWriter(session: Session): HandoffWriter {
  return {
    ...createHandoffReader(session),
    async offer(handoff) {
      const { id, conversationId: conversation, reason, summary, createdAt: now } = handoff
      await session.all(insert, { id, conversation, reason, summary, now })
    },
  }
}

const toHandoff = (row: HandoffRow): Handoff => ({
  id: row.id,
  conversationId: row.conversation_id,
  reason: row.reason,
  summary: row.summary,
  createdAt: row.created_at,
})
