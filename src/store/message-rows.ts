import type { Insertion } from './dialect/dialect.ts'
import type { MessageRow } from './schema.ts'
import type { NewReply } from './store.ts'
import { clean } from './text.ts'

/** What every new message begins with. */
const unsent = { next_at: '0', plain: '0', suspect: '0' }

/** Messages of contacts. */
export const newArrivals = {
  table: 'messages',
  columns: {
    conversation_id: 'text',
    seq: 'bigint',
    contact_id: 'text',
    kind: 'text',
    text: 'text',
    platform_id: 'text',
    update_id: 'text',
    extra: 'text',
    over_limit: 'text',
    state: 'text',
    created_at: 'bigint',
  },
  constants: { author: "'contact'", attempts: '0', ...unsent },
} satisfies Insertion<string>

export type ArrivalRow = Pick<MessageRow, keyof typeof newArrivals.columns>

/** Messages of the bot. */
export const newReplies = {
  table: 'messages',
  columns: {
    conversation_id: 'text',
    seq: 'bigint',
    text: 'text',
    buttons: 'text',
    language: 'text',
    state: 'text',
    turn_id: 'text',
    attempts: 'integer',
    created_at: 'bigint',
    settled_at: 'bigint',
  },
  constants: { author: "'bot'", kind: "'text'", platform_id: "''", ...unsent },
} satisfies Insertion<string>

export type ReplyRow = Pick<MessageRow, keyof typeof newReplies.columns>

/** The columns of what the bot says. */
export const replyColumns = (reply: NewReply): { text: string; buttons: string | null } => ({
  text: clean(reply.text),
  buttons: reply.buttons
    ? JSON.stringify(reply.buttons, (_, value: unknown) => (typeof value === 'string' ? clean(value) : value))
    : null,
})
