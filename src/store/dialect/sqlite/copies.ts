import { closeSync, existsSync, openSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import BetterSqlite3 from 'better-sqlite3'
import type { Copies, DatabaseFacts } from '../../copy-contract.ts'
import { copyFault, installationOf } from '../../copy-facts.ts'
import { occupationOf, replaceFile, requireAlone } from './replace.ts'

/** Copies of the embedded database at `path`. */
export function createSqliteCopies(path: string): Copies {
  return {
    async copy(file) {
      if (!existsSync(path))
        throw copyFault('BACKUP_FAILED', {
          found: `There is no database at ${path} yet`,
          next: 'start the bot first, or name its parley.yaml with -c',
        })
      // For this user only; SQLite takes an empty file as it is.
      closeSync(openSync(file, 'wx', 0o600))
      await vacuum(path, file)
      return readFacts(file)
    },
    openScratch: async (file) => ({ options: { kind: 'sqlite', path: file }, drop: async () => undefined }),
    async examine(options) {
      if (options.kind !== 'sqlite') throw new Error('a copy of the embedded database is a file')
      const problems = readIntegrity(options.path)
      if (problems !== '')
        throw copyFault('BACKUP_DAMAGED', {
          found: `The copy of the database is not whole: ${problems}`,
          next: 'take another backup; if that has the same, the database itself is damaged: parley doctor',
        })
      return readFacts(options.path)
    },
    occupation: async () => occupationOf(path),
    requireIdle: async () => requireAlone(path).close(),
    replace: async (replacement) => replaceFile(path, replacement),
  }
}

async function vacuum(from: string, to: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const worker = new Worker(new URL('./vacuum.ts', import.meta.url), { workerData: { from, to } })
  worker.once('error', reject)
  worker.once('exit', () => resolve())
  try {
    await promise
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    const isFull = /disk is full/.test(reason)
    throw copyFault(
      'BACKUP_FAILED',
      {
        found: `The database ${from} cannot be copied to ${to}: ${reason}`,
        next: isFull
          ? 'free some space: while a backup is made it needs as much as the database once more'
          : 'look at the disk, and at parley doctor',
      },
      cause,
    )
  }
}

/** Pages, rows and indexes, and that nothing refers to what is not there; empty where all is well. */
function readIntegrity(path: string): string {
  return reading(path, (db) => {
    const found = db.pragma('integrity_check(5)', { simple: true })
    const [orphan] = db.pragma('foreign_key_check') as { table: string }[]
    if (found !== 'ok') return String(found)
    return orphan ? `rows of ${orphan.table} refer to what is not there` : ''
  })
}

function readFacts(path: string): DatabaseFacts {
  return reading(path, (db) => {
    const names = db
      .prepare(
        `select name from sqlite_master where type = 'table' and name not like 'sqlite_%' order by name`,
      )
      .pluck()
      .all() as string[]
    const tables = names.map((name) => [name, db.prepare(`select count(*) from "${name}"`).pluck().get()])
    const migrations = names.includes('kysely_migration')
      ? (db.prepare('select name, timestamp as at from kysely_migration order by name').all() as {
          name: string
          at: string
        }[])
      : []
    return {
      installation: installationOf(migrations[0]?.at ?? ''),
      migrations: migrations.map(({ name }) => name),
      tables: Object.fromEntries(tables) as Record<string, number>,
    }
  })
}

function reading<T>(path: string, work: (db: BetterSqlite3.Database) => T): T {
  const db = new BetterSqlite3(path, { fileMustExist: true })
  try {
    return work(db)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw copyFault(
      'BACKUP_DAMAGED',
      { found: `The copy of the database cannot be read: ${reason}`, next: 'take another backup' },
      cause,
    )
  } finally {
    db.close()
  }
}
