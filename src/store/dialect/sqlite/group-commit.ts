import { setTimeout as sleep } from 'node:timers/promises'
import type BetterSqlite3 from 'better-sqlite3'
import type { Session, WriteOptions } from '../dialect.ts'
import { databaseError, isBusy } from './errors.ts'
import type { Wal } from './wal.ts'

interface Job {
  work: (session: Session) => Promise<unknown>
  done: (result: unknown) => void
  failed: (error: unknown) => void
  brief: boolean
}

/** Works wait for one another's disk sync: all that arrive meanwhile share the next commit. A group of brief ones has none. */
export interface GroupCommit {
  run<T>(work: (session: Session) => Promise<T>, options?: WriteOptions): Promise<T>
  /** Resolves when nothing waits. */
  idle(): Promise<void>
}

/**
 * After a group that took long, works gather for the next for as long as it took, but no longer than the second: under
 * load a commit then serves many more of them, and half of the time is left to everything else.
 */
const longGroupMs = 1.5
const longestGatheringMs = 2

const lockTries = 200
const lockWaitMs = 50

export function createGroupCommit(
  db: BetterSqlite3.Database,
  session: Session,
  wal: Pick<Wal, 'sync'>,
): GroupCommit {
  const begin = db.prepare('begin immediate')
  const commit = db.prepare('commit')
  let queue: Job[] = []
  let draining: Promise<void> | undefined

  const perform = createPerformer(db, session)

  async function commitGroup(jobs: Job[]): Promise<void> {
    try {
      await takeLock(begin)
      const reports: (() => void)[] = []
      for (const job of jobs) reports.push(await perform(job))
      commit.run()
      if (jobs.some(({ brief }) => !brief)) await wal.sync()
      for (const report of reports) report()
    } catch (error) {
      const reason = databaseError(error)
      for (const job of jobs) job.failed(reason)
      if (db.inTransaction) db.exec('rollback')
    }
  }

  async function drain(): Promise<void> {
    // The next turn of the event loop: whatever arrives with the same poll joins the group.
    await new Promise(setImmediate)
    while (queue.length > 0) {
      const jobs = queue
      queue = []
      const began = performance.now()
      await commitGroup(jobs)
      const tookMs = performance.now() - began
      if (tookMs >= longGroupMs) await sleep(Math.min(tookMs, longestGatheringMs))
    }
    draining = undefined
  }

  /** A rollback that fails leaves a connection that refuses the next begin, which tells; nothing else is to be done. */
  const start = (): Promise<void> =>
    drain().catch(() => {
      draining = undefined
      if (queue.length > 0) draining = start()
    })

  return {
    run<T>(work: (session: Session) => Promise<T>, { brief = false }: WriteOptions = {}): Promise<T> {
      return new Promise<T>((resolve, reject) => {
        queue.push({ work, done: (result) => resolve(result as T), failed: reject, brief })
        draining ??= start()
      })
    },
    idle: async () => draining,
  }
}

/** Another process may be writing: waited for without standing still. */
async function takeLock(begin: BetterSqlite3.Statement): Promise<void> {
  for (let left = lockTries; ; left -= 1) {
    try {
      begin.run()
      return
    } catch (error) {
      if (left === 0 || !isBusy(error)) throw error
      await sleep(lockWaitMs)
    }
  }
}

/** Runs one work in a savepoint; returns how to report its end once the commit is durable. */
function createPerformer(db: BetterSqlite3.Database, session: Session): (job: Job) => Promise<() => void> {
  const savepoint = db.prepare('savepoint work')
  const release = db.prepare('release work')
  const undo = db.prepare('rollback to work')
  return async (job) => {
    savepoint.run()
    try {
      const result = await job.work(session)
      release.run()
      return () => job.done(result)
    } catch (error) {
      // A full disk may have ended the whole transaction already: then nothing of the group is stored.
      if (!db.inTransaction) throw error
      undo.run()
      release.run()
      return () => job.failed(databaseError(error))
    }
  }
}
