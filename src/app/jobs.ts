import type { Config } from '../config/config.ts'
import { type BackupNeeds, createBackupJob } from '../jobs/backup.ts'
import { createRetention, type RetentionJob } from '../jobs/retention.ts'

/** What is done once a day, by one process of all. */
export interface Jobs {
  start(): void
  changeRetention: RetentionJob['change']
  stop(): Promise<void>
}

type Shared = Pick<BackupNeeds, 'store' | 'clock' | 'holder'> & {
  events: BackupNeeds['events'] & Parameters<typeof createRetention>[0]['events']
}

/** `takeBackup`: not given to those who only try something out, and they are never asked to. */
export function createJobs(
  { retention: settings, backup: { dailyAt }, timezone: zone }: Config,
  takeBackup: BackupNeeds['take'] | undefined,
  shared: Shared,
): Jobs {
  const retention = createRetention({ ...shared, settings, zone })
  const backup = takeBackup && createBackupJob({ ...shared, dailyAt, zone, take: takeBackup })
  return {
    start() {
      retention.start()
      backup?.start()
    },
    changeRetention: retention.change,
    async stop() {
      await Promise.all([retention.stop(), backup?.stop()])
    },
  }
}
