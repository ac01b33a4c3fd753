import { Worker } from 'node:worker_threads'
import type { DatabaseFacts } from '../../copy-contract.ts'

/** Copies the database at `path` into the empty file `to`; without one it is only examined. */
export interface CopyJob {
  path: string
  to?: string
}

/** `problem`: why there is no copy, or what is wrong with it. */
export type CopyReport = { facts: DatabaseFacts } | { problem: string }

/** Does a job in a thread. */
export async function doCopyJob(job: CopyJob): Promise<CopyReport> {
  const { promise, resolve, reject } = Promise.withResolvers<CopyReport>()
  const worker = new Worker(new URL('./copy-thread.ts', import.meta.url), { workerData: job })
  worker.once('message', resolve)
  worker.once('error', reject)
  worker.once('exit', (code) => reject(new Error(`the thread that copies ended with ${code}`)))
  return promise
}
