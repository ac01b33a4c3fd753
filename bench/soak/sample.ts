import { execFile } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import { memoryMb } from '../processes/usage.ts'
import type { Running } from '../subjects/running.ts'

/** What the subject holds at a moment. */
export interface Sample {
  /** Since the beginning. */
  hours: number
  memoryMb: number
  /** Open files, sockets among them. */
  descriptors: number
  databaseMb: number
  /** The write-ahead log. */
  logMb: number
  threads: number
}

export function takeSample({ children, folder, roots }: Running, hours: number): Sample {
  const pid = children[0]?.pid ?? 0
  return {
    hours,
    memoryMb: memoryMb(roots),
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    databaseMb: sizeMb(join(folder, 'parley.db')),
    logMb: sizeMb(join(folder, 'parley.db-wal')),
    threads: readdirSync(`/proc/${pid}/task`).length,
  }
}

const sizeMb = (path: string): number => (statSync(path, { throwIfNoEntry: false })?.size ?? 0) / 1024 ** 2

const run = promisify(execFile)

const counts = z.record(z.string(), z.object({ rows: z.number(), bytes: z.number() }))

/** Rows of every table, and its bytes with its indexes. */
export type Counts = Map<string, { rows: number; bytes: number }>

export async function countRows({ folder }: Running): Promise<Counts> {
  const program = join(import.meta.dirname, 'tables.ts')
  const { stdout } = await run(process.execPath, [program, join(folder, 'parley.db')])
  return new Map(Object.entries(counts.parse(JSON.parse(stdout))))
}
