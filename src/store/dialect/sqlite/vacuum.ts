// A thread of its own: copying takes as long as it takes, and the command goes on meanwhile.
import { workerData } from 'node:worker_threads'
import BetterSqlite3 from 'better-sqlite3'

const { from, to }: { from: string; to: string } = workerData
const db = new BetterSqlite3(from, { fileMustExist: true, timeout: 10_000 })
try {
  // One read transaction from the first page to the last (https://sqlite.org/lang_vacuum.html#vacuuminto): writers go on.
  db.prepare('vacuum into ?').run(to)
} finally {
  db.close()
}
