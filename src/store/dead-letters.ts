import { type Rows, type Session, statement } from './dialect/dialect.ts'
import { lockLanes } from './outbox-statements.ts'
import { place } from './place.ts'
import { type DeadLetterRow, toDeadLetter } from './rows.ts'
import type { DeadLetterReader, DeadLetterWriter, LetterKey } from './store.ts'
import { idRows } from './turns.ts'

const isDead = `messages.state in ('failed', 'uncertain')`

const list = statement<{ limit: number; until: number }, DeadLetterRow>(
  () => `
    select ${place}, messages.seq, messages.text, messages.state, messages.attempts, messages.error,
      messages.settled_at
    from messages join conversations on conversations.id = messages.conversation_id
    where ${isDead} and messages.settled_at <= :until
    order by messages.settled_at desc, messages.conversation_id desc, messages.seq desc limit :limit`,
)

const find = statement<{ ending: string; seq: number }, { id: string }>(
  () => `
    select conversation_id as id from messages
    where ${isDead} and messages.seq = :seq and messages.conversation_id like '%' || :ending limit 2`,
)

const letters = { id: 'text', seq: 'bigint' } as const
const isOneOfThem = `messages.conversation_id = letters.id and messages.seq = letters.seq and ${isDead}`

/** As if it had never been tried: somebody decided that it may arrive twice. */
const revive = statement<{ letters: Rows }, { seq: number }>(
  ({ from }) => `
    update messages set state = 'queued', attempts = 0, next_at = 0, plain = 0, suspect = 0, error = null,
      settled_at = null
    ${from('letters', letters)} where ${isOneOfThem} returning messages.seq`,
)

const drop = statement<{ letters: Rows }, { seq: number }>(
  ({ from }) => `
    update messages set state = 'dropped' ${from('letters', letters)} where ${isOneOfThem} returning messages.seq`,
)

export function createDeadLetterReader(session: Session): DeadLetterReader {
  return {
    async list(limit, until) {
      return (await session.all(list, { limit, until })).map(toDeadLetter)
    },
    async find(ending, seq) {
      return (await session.all(find, { ending, seq })).map(({ id }) => ({ conversationId: id, seq }))
    },
  }
}

export function createDeadLetterWriter(session: Session): DeadLetterWriter {
  const rowsOf = (keys: readonly LetterKey[]): Rows =>
    keys.map(({ conversationId, seq }) => ({ id: conversationId, seq }))
  return {
    ...createDeadLetterReader(session),
    async revive(keys) {
      // Whoever takes a lane or commits a turn into it at this moment sees the revived before what is younger.
      const ids = new Set(keys.map(({ conversationId }) => conversationId))
      await session.lock(lockLanes, { wanted: idRows([...ids]) })
      return (await session.each(revive, { letters: rowsOf(keys) })).length
    },
    drop: async (keys) => (await session.each(drop, { letters: rowsOf(keys) })).length,
  }
}
