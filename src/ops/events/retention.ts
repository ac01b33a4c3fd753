import type { EventParts } from './outage.ts'

/** Deleting what was kept long enough. */
export interface RetentionEvents {
  /** Once for each run; `complete`: not interrupted, which goes on later. Rows by table. */
  retentionRun(event: { deleted: Readonly<Record<string, number>>; complete: boolean; seconds: number }): void
  /** The last run is so many days ago. */
  retentionPostponed(event: { days: number }): void
}

export function createRetentionEvents({ log, metrics }: EventParts): RetentionEvents {
  return {
    retentionRun(event) {
      for (const [table, rows] of Object.entries(event.deleted)) metrics.rowsDeleted.inc({ table }, rows)
      log.info(event, 'old rows deleted')
    },
    retentionPostponed(event) {
      log.warn(event, 'nothing was deleted for long: old rows go from tomorrow on; is the clock right?')
    },
  }
}
