/** The tables as SQL knows them. Times are milliseconds since the epoch, flags 0 or 1, structures JSON text. */
export interface ContactRow {
  id: string
  channel: string
  platform_id: string
  name: string
  language: string | null
  blocked: number
  /** To the week. */
  seen_at: number
  created_at: number
}

export interface ConversationRow {
  id: string
  channel: string
  account: string
  chat_id: string
  thread_id: string
  kind: string
  /** Of a private conversation; null for a group. */
  contact_id: string | null
  title: string
  status: string
  epoch: number
  language: string | null
  summary: string
  summary_seq: number
  /** The sequence of the latest message. */
  last_seq: number
  /** Since when a message waits; null when none does. */
  pending_since: number | null
  /** No turn begins before. */
  turn_after: number
  turn_attempts: number
  lease_token: string | null
  lease_until: number
  /** The lane of outgoing replies has a lease of its own. */
  lane_token: string | null
  lane_until: number
  created_at: number
  updated_at: number
}

export interface MessageRow {
  conversation_id: string
  seq: number
  author: string
  contact_id: string | null
  kind: string
  text: string
  buttons: string | null
  language: string | null
  platform_id: string
  /** Null for replies. */
  update_id: string | null
  extra: string | null
  /** Why it is not answered (JSON); null for the rest. */
  over_limit: string | null
  state: string
  turn_id: string | null
  /** Sends so far. */
  attempts: number
  /** Not sent before. */
  next_at: number
  /** The markup was refused: send as plain text. */
  plain: number
  /** A sender died between sending and recording it. */
  suspect: number
  error: string | null
  created_at: number
  /** When it was handled or sent, given up, or last told to wait. */
  settled_at: number | null
}

export interface TurnRow {
  id: string
  conversation_id: string
  attempt: number
  source: string
  confidence: number
  trace: string
  input_tokens: number
  output_tokens: number
  cost_micro_usd: number
  duration_ms: number
  started_at: number
}

export interface HandoffRow {
  id: string
  conversation_id: string
  /** Null for a request made in a group before this was kept. */
  contact_id: string | null
  reason: string
  summary: string
  status: string
  /** Notes sent to the team about it. */
  notes: number
  /** When the latest of them was queued; null when none was. */
  noted_at: number | null
  created_at: number
}

/** Amounts are micro-dollars. */
export interface BudgetDayRow {
  day: string
  spent: number
  reserved: number
  calls: number
  input_tokens: number
  output_tokens: number
  /** The limit that somebody was warned of; 0 when nobody was. */
  warned_limit: number
  /** The limit that was told to be used up. */
  exhausted_limit: number
}

/** How a contact stands with the limits; no row: in good standing. */
export interface ContactLimitsRow {
  contact_id: string
  hour_end: number
  hour_count: number
  day_end: number
  day_count: number
  over_until: number
  warned_at: number
  excess: number
  likeness: string
  repeats: number
  repeats_since: number
  links: number
  links_since: number
  bans: number
  banned_at: number
  banned_until: number
  told: number
  called_at: number
  session_calls: number
  call_day_end: number
  day_calls: number
}
