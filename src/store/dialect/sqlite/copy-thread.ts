// A thread of its own: a large file takes its time, and the command goes on meanwhile.
import { parentPort, workerData } from 'node:worker_threads'
import BetterSqlite3 from 'better-sqlite3'
import type { CopyJob, CopyReport } from './copy-job.ts'
import { readFacts, readIntegrity } from './facts.ts'

const { path, to }: CopyJob = workerData

function work(): CopyReport {
  if (to !== undefined) {
    const db = new BetterSqlite3(path, { fileMustExist: true, timeout: 10_000 })
    try {
      // One read transaction from the first page to the last (https://sqlite.org/lang_vacuum.html#vacuuminto): writers go on.
      db.prepare('vacuum into ?').run(to)
    } finally {
      db.close()
    }
    return { facts: readFacts(to) }
  }
  const problem = readIntegrity(path)
  return problem === '' ? { facts: readFacts(path) } : { problem }
}

try {
  parentPort?.postMessage(work())
} catch (error) {
  parentPort?.postMessage({ problem: error instanceof Error ? error.message : String(error) })
}
