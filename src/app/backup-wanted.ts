import type { Config } from '../config/config.ts'

/** Whether somebody counts on there being backups: while a bot is developed only who asked for them. */
export const wantsBackups = ({ environment, backup }: Pick<Config, 'environment' | 'backup'>): boolean =>
  environment !== 'development' || backup.dailyAt !== undefined
