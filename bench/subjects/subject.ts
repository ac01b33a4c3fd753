import type { Command } from '../processes/child.ts'

/** Where a subject finds what it needs. */
export interface Place {
  /** A folder of its own. */
  folder: string
  /** Free ports, one for each of its processes. */
  ports: number[]
  /** Origins such as `http://127.0.0.1:1234`. */
  telegram: string
  model: string
  databaseUrl: string
  redisUrl: string
}

/** A program, or several, that answer Telegram's webhook at `/webhook/telegram` with what the model says. */
export interface Subject {
  name: string
  /** The databases it needs; a fresh one of each for every start, on the same core and counted as part of it. */
  servers: ('postgres' | 'redis')[]
  /** Its processes, in the order of their start. The first listens on the first port, and so on. */
  commands(place: Place): Promise<Command[]>
  /** Which of its processes take the webhook. */
  receivers: number[]
}

export const secret = 'fake-webhook-secret-for-bench'
export const token = `123456:${'FAKE-TOKEN-FOR-BENCHMARKS'.padEnd(35, '0')}`
