import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { connect, openSqlite } from './database.ts'

/** Where SQLite keeps the lock of whoever has a database open: `SHARED_FIRST` in its source. */
const sharedFrom = 1_073_741_826

test.runIf(process.platform === 'linux')(
  'the lock that keeps other programs from deleting the log is held for as long as the database is open',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'parley-lock-'))
    const path = join(folder, 'test.db')
    const database = openSqlite(path)
    try {
      // Another connection of the process comes and goes, as for a migration.
      connect(path).close()
      const { ino } = statSync(path)
      const locks = readFileSync('/proc/locks', 'utf8').split('\n')
      const own = locks.filter((line) => line.includes(` ${process.pid} `) && line.includes(`:${ino} `))
      expect(
        own.some((line) => line.includes(` ${sharedFrom} `)),
        own.join('\n'),
      ).toBe(true)
    } finally {
      await database.close()
      rmSync(folder, { recursive: true })
    }
  },
)
