import type { Status } from './status.ts'

export type Overall = 'live' | 'partly' | 'unreachable'

/** The state in one word: `partly` when the database, a channel or the model is down. */
export function overall({ report, reachable }: Status): Overall {
  if (!reachable || !report) return 'unreachable'
  const down =
    report.database.state === 'down' ||
    report.channels.some((channel) => channel.state === 'down') ||
    report.modelFault !== null
  return down ? 'partly' : 'live'
}
