import { closeSync, existsSync, openSync, statSync } from 'node:fs'
import type { Copies, DatabaseFacts } from '../../copy-contract.ts'
import { copyFault } from '../../copy-facts.ts'
import { doCopyJob } from './copy-job.ts'
import { readInstallation, readTurnSince } from './facts.ts'
import { occupationOf, replaceFile, requireAlone } from './replace.ts'

/** Copies of the embedded database at `path`. */
export function createSqliteCopies(path: string): Copies {
  return {
    copy: (file) => copy(path, file),
    openScratch: async (file) => ({ options: { kind: 'sqlite', path: file }, drop: async () => undefined }),
    async examine(options) {
      if (options.kind !== 'sqlite') throw new Error('a copy of the embedded database is a file')
      return examine(options.path)
    },
    installation: async () => (existsSync(path) ? readInstallation(path) : undefined),
    size: async () => ['', '-wal'].reduce((sum, end) => sum + sizeOf(path + end), 0),
    occupation: async () => occupationOf(path),
    turnSince: async (id) => readTurnSince(path, id),
    requireIdle: async () => requireAlone(path).giveBack(),
    makeReady: async (replacement) => async () => replaceFile(path, replacement),
  }
}

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0

async function copy(from: string, to: string): Promise<DatabaseFacts> {
  if (!existsSync(from))
    throw copyFault('BACKUP_FAILED', {
      found: `There is no database at ${from} yet`,
      next: 'start the bot first, or name its parley.yaml with -c',
    })
  // For this user only; SQLite takes an empty file as it is.
  closeSync(openSync(to, 'wx', 0o600))
  const report = await doCopyJob({ path: from, to })
  if ('facts' in report) return report.facts
  throw copyFault('BACKUP_FAILED', {
    found: `The database ${from} cannot be copied to ${to}: ${report.problem}`,
    next: /disk is full/.test(report.problem)
      ? 'free some space: while a backup is made it needs as much as the database once more'
      : 'look at the disk, and at parley doctor',
  })
}

async function examine(path: string): Promise<DatabaseFacts> {
  const report = await doCopyJob({ path })
  if ('facts' in report) return report.facts
  throw copyFault('BACKUP_DAMAGED', {
    found: `The copy of the database is not whole: ${report.problem}`,
    next: 'take another backup; if that has the same, the database itself is damaged: parley doctor',
  })
}
