import type { EventParts } from './outage.ts'

export interface ProvenBackup {
  name: string
  bytes: number
  seconds: number
  /** Older ones that were to go and are still there. */
  notRemoved: readonly { name: string; reason: string }[]
}

/** Backups the server has taken by itself. */
export interface BackupEvents {
  backupProven(event: ProvenBackup): void
  /** `again`: when it is tried next, in milliseconds since the epoch. */
  backupFailed(event: { reason: string; again: number }): void
}

export function createBackupEvents({ log, metrics }: EventParts): BackupEvents {
  return {
    backupProven({ notRemoved, ...event }) {
      metrics.backups.inc({ outcome: 'proven' })
      if (notRemoved.length === 0) log.info(event, 'backup taken and proven')
      else log.warn({ ...event, notRemoved }, 'backup taken and proven; older ones could not be removed')
    },
    backupFailed({ reason, again }) {
      metrics.backups.inc({ outcome: 'failed' })
      log.error({ reason, again: new Date(again).toISOString() }, 'no backup: it is tried again in an hour')
    },
  }
}
