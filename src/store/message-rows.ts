import type { Insertion } from './dialect/dialect.ts'
import type { MessageRow } from './schema.ts'
import type { NewReply } from './store.ts'
import { clean } from './text.ts'

/** New messages. */
export const newMessages = {
  table: 'messages',
  columns: {
    conversation_id: 'text',
    seq: 'bigint',
    author: 'text',
    contact_id: 'text',
    kind: 'text',
    text: 'text',
    buttons: 'text',
    language: 'text',
    platform_id: 'text',
    update_id: 'text',
    extra: 'text',
    state: 'text',
    turn_id: 'text',
    attempts: 'integer',
    next_at: 'bigint',
    plain: 'integer',
    suspect: 'integer',
    error: 'text',
    created_at: 'bigint',
    settled_at: 'bigint',
  },
} satisfies Insertion<keyof MessageRow>

/** The columns of what the bot says. */
export const replyColumns = (reply: NewReply): { text: string; buttons: string | null } => ({
  text: clean(reply.text),
  buttons: reply.buttons
    ? JSON.stringify(reply.buttons, (_, value: unknown) => (typeof value === 'string' ? clean(value) : value))
    : null,
})

/** What a new message has unless told otherwise. */
export const messageColumns = {
  contact_id: null,
  kind: 'text',
  buttons: null,
  language: null,
  platform_id: '',
  update_id: null,
  extra: null,
  turn_id: null,
  attempts: 0,
  next_at: 0,
  plain: 0,
  suspect: 0,
  error: null,
  settled_at: null,
} satisfies Partial<MessageRow>
