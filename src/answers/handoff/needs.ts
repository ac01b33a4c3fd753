import type { Conversation } from '../../model/conversation.ts'
import type { Language } from '../../model/language.ts'
import type { Reply } from '../../model/message.ts'
import type { Clock } from '../../model/time.ts'
import type { Events } from '../../ops/events.ts'
import type { HandoffReader } from '../../store/store.ts'
import type { NoteTarget } from './note.ts'

export interface HandoffNeeds {
  /** Where notes to the team go; none: nobody can be reached. */
  targets: readonly NoteTarget[]
  /** The first is the default, in which notes are written. */
  languages: readonly Language[]
  read: Pick<HandoffReader, 'openOf' | 'notes'>
  /** How the team is reached, in the owner's words. Default: nothing is said of it. */
  contact?: ((language: Language) => Reply) | undefined
  /** Conversations whose requests are answered but not kept: somebody tries the bot out. Default: none. */
  isRehearsal?: (conversation: Conversation) => boolean
  clock: Clock
  /** Told once a request is part of a turn's transaction. */
  events: Pick<Events, 'handoffOffered'>
  /** How long one request stands, in milliseconds, before asking again sends a second note. */
  repeatAfterMs?: number
}
