import type { Status } from './status.ts'

export type Overall = 'live' | 'partly' | 'unreachable'

/** The state in one word: `partly` when the database or a channel is down. */
export function overall({ report, reachable }: Status): Overall {
  if (!reachable || !report) return 'unreachable'
  const down = report.database.state === 'down' || report.channels.some((channel) => channel.state === 'down')
  return down ? 'partly' : 'live'
}
