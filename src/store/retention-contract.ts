/** `contacts.seen_at` is brought up to date when it is older than this, in milliseconds: never twice a week. */
export const seenToMs = 7 * 24 * 3_600_000

/**
 * Named leases: of whoever deletes old rows; from the end of that to the end of the day, when it is due again; and for the same
 * time where that day was let pass.
 */
export const retentionLeases = {
  run: 'retention',
  rest: 'retention.done',
  postponed: 'retention.postponed',
} as const

/**
 * Since when old rows are due to be deleted, or from when they will be (milliseconds since the epoch): where no run was ever
 * completed, since the installation began. `undefined`: it has not begun.
 */
export const retentionDue = async ({ read: { leases }, begunAt }: Begun): Promise<number | undefined> =>
  (await leases.until(retentionLeases.rest)) ?? begunAt()

interface Begun {
  read: { leases: { until(name: string): Promise<number | undefined> } }
  begunAt(): Promise<number | undefined>
}

/** Rows deleted, by table. */
export type Deleted = Partial<
  Record<
    | 'messages'
    | 'turns'
    | 'handoffs'
    | 'conversations'
    | 'contacts'
    | 'contact_limits'
    | 'budget_days'
    | 'leases',
    number
  >
>

/** Rows are looked at in the order of their ids, a few at a time. `before`: what is older goes. */
export interface Walk {
  after: string
  before: number
  limit: number
}

export interface Found {
  due: string[]
  /** Where to go on; `undefined` at the end. */
  last: string | undefined
}

export interface RetentionReader {
  /** Conversations with something old in them, and none of whose requests for a human is open. */
  conversations(walk: Walk): Promise<Found>
  /** Contacts nobody saw since, who are not blocked. */
  contacts(walk: Walk): Promise<Found>
  /** Counts against limits that hold nothing any more. */
  limits(walk: Walk): Promise<Found>
}

/**
 * Deletes a batch each. What waits (messages to answer, replies to deliver, open requests for a human), dead letters and
 * what belongs to them stay, however old they are.
 */
export interface RetentionWriter extends RetentionReader {
  /**
   * The first of what was said in each conversation, its traces with it, and those in which nothing is left; `more`: where
   * this was not all.
   */
  dropConversations(ids: readonly string[], before: number): Promise<{ deleted: Deleted; more: string[] }>
  /** Nobody's message may wait that is older than `before`: a turn wants its contact. */
  dropContacts(ids: readonly string[], before: number): Promise<number>
  dropLimits(ids: readonly string[], before: number): Promise<number>
  dropTraces(before: number, limit: number): Promise<number>
  /** Days before `day` (`2026-11-20`) for which nothing is reserved. */
  dropBudgetDays(day: string): Promise<number>
  /** Named leases that ended before. */
  dropLeases(before: number): Promise<number>
}
