import { pino } from 'pino'
import { maskSecrets } from './mask.ts'

/** Structured log: ids and numbers as fields, never a person's words. */
export interface Log {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
  child(fields: object): Log
}

/** The log of a process, which may say more or less while it runs. */
export interface LevelledLog extends Log {
  /** The least that is logged. */
  level: string
  /** Has the level of this moment, and its own from then on. */
  child(fields: object): LevelledLog
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

const secretFields = ['token', 'apiKey', 'secret', 'secretKey', 'password', 'authorization', 'cookie']

/**
 * JSON lines on standard output (or `write`), UTC time in ISO 8601. Fields named like a secret are replaced, and
 * whatever looks like one is masked in the finished line, stack traces included.
 */
export function createLog(level: LogLevel, write?: (line: string) => void): LevelledLog {
  const options = {
    level,
    base: null,
    messageKey: 'message',
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    redact: { paths: secretFields.flatMap((field) => [field, `*.${field}`]), censor: '***' },
    hooks: { streamWrite: maskSecrets },
    formatters: { level: (label: string) => ({ level: label }) },
  }
  return write ? pino(options, { write }) : pino(options)
}

export const silentLog: Log = createLog('silent')
