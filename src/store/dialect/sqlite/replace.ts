import { execFileSync } from 'node:child_process'
import { closeSync, existsSync, linkSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { makeFolder } from '../../../ops/folder.ts'
import type { Replacement } from '../../copy-contract.ts'
import { afterRestore, placeTaken, refusal, stopFirst } from '../../copy-facts.ts'
import { isBusy } from './errors.ts'

/** A database file nobody else has open, until it is closed, or given back as it was found. */
interface Alone {
  /** Leaves it without a log, which is right where another file may bear its name by now. */
  close(): void
  giveBack(): void
}

const nothingThere: Alone = { close: () => undefined, giveBack: () => undefined }

/** The files SQLite keeps beside a database. What is in them belongs to that database alone. */
const besides = ['-wal', '-shm', '-journal']

/** What is in the place of a database file. One that cannot be read may hold anything. */
export function occupationOf(path: string): 'empty' | 'unused' | 'used' {
  if (!existsSync(path)) return 'empty'
  try {
    const db = new BetterSqlite3(path, { fileMustExist: true, timeout: 5000 })
    try {
      const isOurs = db.prepare(`select 1 from sqlite_master where name = 'messages'`).get() !== undefined
      const isAny = db.prepare(`select 1 from sqlite_master where type = 'table'`).get() !== undefined
      if (!isOurs) return isAny ? 'used' : 'unused'
      const rows = ['messages', 'contacts'].map((table) => db.prepare(`select 1 from ${table} limit 1`).get())
      return rows.some((row) => row !== undefined) ? 'used' : 'unused'
    } finally {
      db.close()
    }
  } catch {
    return 'used'
  }
}

/**
 * Opens the file for itself, its log written into it; throws SQLITE_BUSY where another process has it open. Only a connection
 * that is alone can leave WAL (https://sqlite.org/wal.html#activating_and_configuring_wal_mode), and locks end with their
 * process.
 */
export function takeAlone(path: string): Alone & { db: BetterSqlite3.Database } {
  const db = new BetterSqlite3(path, { fileMustExist: true, timeout: 1000 })
  try {
    const mode = db.pragma('journal_mode', { simple: true })
    db.pragma('journal_mode = delete')
    db.exec('begin exclusive')
    const giveBack = (): void => {
      db.exec('rollback')
      db.pragma(`journal_mode = ${String(mode)}`)
      db.close()
    }
    return { db, close: () => void db.close(), giveBack }
  } catch (error) {
    db.close()
    throw error
  }
}

/** Takes the file for itself; throws where another process has it open. */
export function requireAlone(path: string): Alone {
  if (!existsSync(path)) return nothingThere
  try {
    return takeAlone(path)
  } catch (error) {
    if (isBusy(error)) throw refusal(`A server runs on the database ${path}`, stopFirst, error)
    // A file that is no database is used by nobody.
    return nothingThere
  }
}

/** At no moment is there half of a database in the place, or none where one was. */
export function replaceFile(path: string, { file, stamp }: Replacement): string | undefined {
  prepare(file)
  makeFolder(dirname(path), 0o700)
  const alone = requireAlone(path)
  try {
    const aside = `${path}.before-${stamp}`
    const isThere = existsSync(path)
    if (isThere) keepAside(path, aside)
    // Left by a database that could not be opened: read with the new one they would destroy it.
    for (const end of besides.filter((each) => existsSync(path + each))) {
      keepAside(path + end, aside + end)
      rmSync(path + end)
    }
    renameSync(file, path)
    return isThere ? aside : undefined
  } finally {
    alone.close()
  }
}

function prepare(file: string): void {
  const db = new BetterSqlite3(file, { fileMustExist: true })
  try {
    db.pragma('synchronous = full')
    db.exec(`begin; ${afterRestore().join('; ')}; commit`)
  } finally {
    db.close()
  }
}

/**
 * Throws where there is something of that name. Not every file system has links. A copy is made by another process: closing the
 * file would end this one's locks on it.
 */
function keepAside(path: string, aside: string): void {
  try {
    linkSync(path, aside)
  } catch {
    makeEmpty(aside)
    execFileSync('cp', ['--', path, aside])
  }
}

function makeEmpty(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    throw existsSync(path) ? placeTaken(path, error) : error
  }
}
