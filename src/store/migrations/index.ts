import type { Migration } from 'kysely/migration'
import * as conversations from './0001_conversations.ts'
import * as handoffNotes from './0002_handoff_notes.ts'
import * as offeredButtons from './0003_offered_buttons.ts'
import * as budget from './0004_budget.ts'
import * as limits from './0005_limits.ts'
import * as retention from './0006_retention.ts'

/** Every migration in order. A new one is a new file and a new line; a released one never changes. */
export const migrations: Record<string, Migration> = {
  '0001_conversations': conversations,
  '0002_handoff_notes': handoffNotes,
  '0003_offered_buttons': offeredButtons,
  '0004_budget': budget,
  '0005_limits': limits,
  '0006_retention': retention,
}
