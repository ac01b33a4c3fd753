import { firstIdAt } from '../model/ids.ts'
import type { Session, Statement } from './dialect/dialect.ts'
import type { Found, RetentionReader, RetentionWriter, Walk } from './retention-contract.ts'
import {
  contactPage,
  conversationPage,
  dropBudgetDays,
  dropContacts,
  dropEmpty,
  dropHandoffs,
  dropLeases,
  dropLimits,
  dropMessages,
  dropTraces,
  dropTurns,
  limitPage,
  mostOfOne,
  type PageRow,
} from './retention-statements.ts'
import { idRows } from './turns.ts'

/** Sorts behind every id. */
const noBound = 'g'

export function createRetentionReader(session: Session): RetentionReader {
  type Page = Statement<Walk & { bound: string } & Record<string, string | number>, PageRow>
  async function look(page: Page, walk: Walk, bound: string): Promise<Found> {
    const rows = await session.all(page, { ...walk, bound })
    const due = rows.filter((row) => row.due === 1).map((row) => row.id)
    return { due, last: rows.length < walk.limit ? undefined : rows.at(-1)?.id }
  }
  return {
    // Nothing in them is older than they are.
    conversations: (walk) => look(conversationPage, walk, firstIdAt(walk.before)),
    contacts: (walk) => look(contactPage, walk, firstIdAt(walk.before)),
    limits: (walk) => look(limitPage, walk, noBound),
  }
}

export function createRetentionWriter(session: Session): RetentionWriter {
  return {
    ...createRetentionReader(session),
    async dropConversations(ids, before) {
      const wanted = idRows(ids)
      const messages = await session.each(dropMessages, { wanted, before })
      const turns = await session.each(dropTurns, { wanted, before })
      const more = [...new Set([...full(messages), ...full(turns)])]
      const rest = idRows(ids.filter((id) => !more.includes(id)))
      const handoffs = await session.each(dropHandoffs, { wanted: rest, before })
      const conversations = await session.each(dropEmpty, { wanted: rest, before })
      const deleted = {
        messages: messages.length,
        turns: turns.length,
        handoffs: handoffs.length,
        conversations: conversations.length,
      }
      return { deleted, more }
    },
    async dropContacts(ids, before) {
      return (await session.each(dropContacts, { wanted: idRows(ids), before })).length
    },
    async dropLimits(ids, before) {
      return (await session.each(dropLimits, { wanted: idRows(ids), before })).length
    },
    async dropTraces(before, limit) {
      return (await session.all(dropTraces, { bound: firstIdAt(before), before, limit })).length
    },
    async dropBudgetDays(day) {
      return (await session.all(dropBudgetDays, { day })).length
    },
    async dropLeases(before) {
      return (await session.all(dropLeases, { before })).length
    },
  }
}

/** Conversations that gave as much as one gives at a time. */
function full(rows: readonly { id: string }[]): string[] {
  const counts = Map.groupBy(rows, (row) => row.id)
  return [...counts].filter(([, found]) => found.length === mostOfOne).map(([id]) => id)
}
