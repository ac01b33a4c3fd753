import { closeSync, existsSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { makeFolder } from '../../../ops/folder.ts'
import type { Database } from '../dialect.ts'
import { openingError } from './errors.ts'
import { createGroupCommit } from './group-commit.ts'
import { createSqliteSession } from './session.ts'
import { openWal } from './wal.ts'

/**
 * Opens the embedded database. Every commit is on the disk before it is reported. Readers have a connection of their own
 * and see committed rows.
 */
export function openSqlite(path: string): Database {
  const writer = connect(path)
  // Whoever waits for the lock waits without standing still.
  writer.pragma('busy_timeout = 0')
  const reader = connect(path, 1000)
  reader.pragma('query_only = on')
  const session = createSqliteSession(writer)
  const wal = openWal(writer)
  const group = createGroupCommit(writer, session, wal)
  return {
    reader: createSqliteSession(reader),
    transaction: group.run,
    gatherMs: 0,
    usage: () => 0,
    close: async () => {
      await group.idle()
      wal.close()
      reader.close()
      writer.close()
    },
  }
}

/** `timeout`: how long the process stands still for another one's lock, in milliseconds. */
export function connect(path: string, timeout = 5000): BetterSqlite3.Database {
  try {
    makeFolder(dirname(path), 0o700)
    // What people wrote is for this user only; SQLite gives its other files the same mode. A file that is there is not
    // opened: closing it again would end the locks this process has on it, and another program could delete the log
    // (https://sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_).
    if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600))
    const db = new BetterSqlite3(path, { timeout })
    db.pragma('journal_mode = WAL')
    db.pragma('synchronous = FULL')
    db.pragma('foreign_keys = on')
    db.pragma('cache_size = -8000')
    return db
  } catch (cause) {
    throw openingError(path, cause)
  }
}
