import type { EventParts } from './outage.ts'

/** Backups the server has taken by itself. */
export interface BackupEvents {
  backupProven(event: { name: string; bytes: number; seconds: number }): void
  /** `again`: when it is tried next, in milliseconds since the epoch. */
  backupFailed(event: { reason: string; again: number }): void
}

export function createBackupEvents({ log, metrics }: EventParts): BackupEvents {
  return {
    backupProven(event) {
      metrics.backups.inc({ outcome: 'proven' })
      log.info(event, 'backup taken and proven')
    },
    backupFailed({ reason, again }) {
      metrics.backups.inc({ outcome: 'failed' })
      log.error({ reason, again: new Date(again).toISOString() }, 'no backup: it is tried again in an hour')
    },
  }
}
