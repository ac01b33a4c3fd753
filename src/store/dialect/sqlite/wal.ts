import { closeSync, fdatasync, fstatSync, openSync } from 'node:fs'
import { promisify } from 'node:util'
import type BetterSqlite3 from 'better-sqlite3'
import { ParleyError } from '../../../model/errors.ts'

/** The file into which SQLite writes what is committed. */
export interface Wal {
  /** Resolves when all that was committed is on the disk; throws `DATABASE_UNAVAILABLE` when that is not certain. */
  sync(): Promise<void>
  close(): void
}

/**
 * Does what SQLite does at each commit under synchronous FULL (https://sqlite.org/pragma.html#pragma_synchronous), but
 * without standing still: the connection has NORMAL, and one sync of the file follows behind the commit. `syncFile` is for
 * tests.
 *
 * After a sync that failed the system may take pages for written that are not, and say so of the next sync: from then on
 * nothing is believed until SQLite has copied all of the file into the database, from where it begins anew. The same holds
 * at every commit once somebody has deleted the file.
 */
export function openWal(db: BetterSqlite3.Database, syncFile = promisify(fdatasync)): Wal {
  db.pragma('synchronous = NORMAL')
  let file: number | undefined
  let isDoubtful = false

  function copyAll(): void {
    const [result] = db.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[]
    if (result?.busy !== 0) throw notCertain('the database is being read')
    isDoubtful = false
  }

  const isDeleted = (): boolean => file !== undefined && fstatSync(file).nlink === 0

  return {
    async sync() {
      if (isDoubtful || isDeleted()) return copyAll()
      try {
        file ??= openSync(`${db.name}-wal`, 'r+')
        await syncFile(file)
      } catch (cause) {
        isDoubtful = true
        throw notCertain(cause instanceof Error ? cause.message : String(cause), cause)
      }
    },
    close() {
      if (file !== undefined) closeSync(file)
    },
  }
}

const notCertain = (reason: string, cause?: unknown): ParleyError =>
  new ParleyError('DATABASE_UNAVAILABLE', `What was written may not be on the disk: ${reason}.`, {
    status: 503,
    cause,
  })
