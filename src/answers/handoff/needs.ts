import type { Language } from '../../model/language.ts'
import type { Clock } from '../../model/time.ts'
import type { HandoffReader } from '../../store/store.ts'
import type { NoteTarget } from './note.ts'

export interface HandoffNeeds {
  /** Where notes to the team go; none: nobody can be reached. */
  targets: readonly NoteTarget[]
  /** The first is the default, in which notes are written. */
  languages: readonly Language[]
  read: Pick<HandoffReader, 'openOf'>
  clock: Clock
  /** How long one request stands, in milliseconds, before asking again sends a second note. */
  repeatAfterMs?: number
}
