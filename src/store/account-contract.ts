import type { Account } from '../model/conversation.ts'

/** Messages without an answer and replies unsent, of one account. */
export interface AccountBacklog extends Account {
  received: number
  queued: number
  /** When the oldest of them came, in milliseconds since the epoch. */
  oldest: number
}

export interface AccountReader {
  /** Accounts for which anything waits, the most patient first; reads all that waits. */
  backlogs(): Promise<AccountBacklog[]>
  /**
   * Whether a process seems to work for it: since `since` (milliseconds since the epoch) it took, answered or tried something,
   * holds something, or planned a next try. Who only waits for messages leaves no trace here.
   */
  seemsAlive(account: Account, since: number): Promise<boolean>
}

export interface AccountWriter extends AccountReader {
  /**
   * Ends what waits for this account, in up to `limit` conversations: no message is answered, no reply sent any more. Tells
   * how many were ended; none where nothing waits.
   */
  giveUp(account: Account, now: number, limit: number): Promise<{ received: number; queued: number }>
}
