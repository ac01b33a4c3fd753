import { type Rows, type Session, statement } from './dialect/dialect.ts'
import type { Chat } from './inbox-statements.ts'
import type { ArrivalRow } from './message-rows.ts'
import { clean } from './text.ts'

/** How far back in a conversation the message is looked for that an edit names; one further back is unknown. */
const lookedBack = 400

export type NamedRow = {
  conversation_id: string
  platform_id: string
  seq: number
  text: string
  state: string
}

/** The message of each edit, or the last question it was edited into; rather one that still waits. */
export const findNamed = statement<{ edits: Rows }, NamedRow>(({ forEach }) =>
  forEach(
    'edits',
    { conversation: 'text', platform: 'text', after: 'bigint' },
    `select conversation_id, platform_id, seq, text, state from messages
    where conversation_id = edits.conversation and seq > edits.after and platform_id = edits.platform
      and author = 'contact' and (kind = 'text'
        or kind = 'edit' and over_limit is null and (state = 'received' or turn_id is not null))
    order by case when state = 'received' then 0 else 1 end, seq desc limit 1`,
  ),
)

/** Only what nobody answered yet is changed. */
export const changeTexts = statement<{ texts: Rows }, never>(
  ({ from }) => `
    update messages set text = texts.text ${from('texts', { conversation: 'text', seq: 'bigint', text: 'text' })}
    where messages.conversation_id = texts.conversation and messages.seq = texts.seq and messages.state = 'received'`,
)

/**
 * What an edit does: `asks` where somebody answers in its conversation, though the lease may be over, and its message cannot
 * be changed any more, so that it is a question of its own; `changes` the question that waits; or nothing, and no row of it is kept.
 */
export type EditMeaning = 'asks' | 'changes' | 'nothing'

/** The messages that the edits of one batch name, also those of the batch itself. */
export interface Edits {
  meaning(edit: Naming): EditMeaning
  /** The text of the question that waits becomes that of the edit. */
  change(edit: Naming): void
  /** Notes a message, or a question of its own, that edits behind it may name. */
  note(row: ArrivalRow): void
  /** Stores the changed texts; the rows of the batch must be there. */
  save(): Promise<void>
}

/** An edit and its conversation. */
export interface Naming {
  chat: Chat
  platformId: string
  text: string
}

interface Named {
  seq: number
  text: string
  waits: boolean
}

/** `edits`: those of the batch, whose conversations are locked. */
export async function openEdits(session: Session, edits: readonly Naming[]): Promise<Edits> {
  const found =
    edits.length === 0
      ? []
      : await session.each(findNamed, {
          edits: edits.map(({ chat, platformId }) => ({
            conversation: chat.id,
            platform: platformId,
            after: chat.last_seq - lookedBack,
          })),
        })
  const named = new Map<string, Named>(
    found.map(({ state, ...row }) => [keyOf(row), { ...row, waits: state === 'received' }]),
  )
  const changed = new Map<Named, string>()
  const namedBy = ({ chat, platformId }: Naming) =>
    named.get(keyOf({ conversation_id: chat.id, platform_id: platformId }))
  return {
    meaning(edit) {
      const message = namedBy(edit)
      if (message?.text === clean(edit.text)) return 'nothing'
      if (edit.chat.lease_token !== null) return 'asks'
      return message?.waits ? 'changes' : 'nothing'
    },
    change(edit) {
      const message = namedBy(edit)
      if (!message) return
      message.text = clean(edit.text)
      changed.set(message, edit.chat.id)
    },
    note(row) {
      if (row.kind !== 'button') named.set(keyOf(row), { ...row, waits: row.state === 'received' })
    },
    async save() {
      const texts = [...changed].map(([{ seq, text }, conversation]) => ({ conversation, seq, text }))
      if (texts.length > 0) await session.each(changeTexts, { texts })
    },
  }
}

const keyOf = (row: { conversation_id: string; platform_id: string }): string =>
  `${row.conversation_id} ${row.platform_id}`
