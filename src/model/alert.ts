/** What the bot tells its team of by itself, and the figures it tells with. Names of models and channels come from settings. */
export type Alert =
  | { kind: 'models'; models: string }
  | { kind: 'channel'; channels: string }
  | { kind: 'conflict' }
  | { kind: 'backlog'; received: number; queued: number; oldestMs: number }
  | { kind: 'deadLetters'; count: number }
  | { kind: 'overload' }
  | { kind: 'errors'; count: number }
  | { kind: 'database'; awayMs: number }
  | { kind: 'pool' }
  | { kind: 'redis' }
  | { kind: 'disk'; freePercent: number }
  | { kind: 'retention'; overdueMs: number }
  /** `undefined`: there is none at all. */
  | { kind: 'backup'; ageMs: number | undefined }
  | { kind: 'serverErrors'; percent: number }
  | { kind: 'modelSlow'; models: string }
  | { kind: 'escalations'; percent: number }
  | { kind: 'restarts'; starts: number }
  | { kind: 'certificate'; host: string; leftMs: number }

export type AlertKind = Alert['kind']

/** The page of docs/runbooks about each. */
export const runbookOf: Record<AlertKind, string> = {
  models: 'model-resting',
  channel: 'channel-down',
  conflict: 'telegram-conflict',
  backlog: 'backlog-old',
  deadLetters: 'dead-letters',
  overload: 'overload',
  errors: 'errors',
  database: 'database-down',
  pool: 'pool-full',
  redis: 'redis-down',
  disk: 'disk-full',
  retention: 'retention-overdue',
  backup: 'backup-old',
  serverErrors: 'server-errors',
  modelSlow: 'model-slow',
  escalations: 'escalations',
  restarts: 'restarts',
  certificate: 'certificate-ends',
}
