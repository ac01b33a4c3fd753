import { setTimeout as sleep } from 'node:timers/promises'
import { isDatabaseAway } from '../model/errors.ts'

/** A flush that took less than this is cheap enough to be had often, in milliseconds. */
const cheapMs = 5

/**
 * After a flush of several that took its time, the pause in which more come together: the busier a database is, and the
 * further away, the fewer and larger its transactions. One that was alone makes nobody wait.
 */
const pauseAfter = (items: number, tookMs: number, longestMs: number): number =>
  items > 1 && tookMs >= cheapMs ? Math.min(2 * tookMs, longestMs) : 0

/**
 * Turns many calls into few: while one flush is under way the calls that arrive wait together and go as the next.
 * `flush` answers in the order of its items, and changes nothing when it rejects: a flush refused for a reason other than
 * the database being away is repeated item by item, so that a bad one fails alone.
 */
export function createBatch<I, O>(options: {
  flush: (items: I[]) => Promise<O[]>
  /** The most items of one flush. */
  size: number
  /** `Store.gatherMs` */
  gatherMs: number
}): (item: I) => Promise<O> {
  interface Call {
    item: I
    resolve: (result: O) => void
    reject: (error: unknown) => void
  }
  let waiting: Call[] = []
  let busy = false

  async function flushOnce(calls: Call[]): Promise<void> {
    try {
      const results = await options.flush(calls.map((call) => call.item))
      calls.forEach((call, index) => {
        const result = results[index]
        if (index < results.length) call.resolve(result as O)
        else call.reject(new Error('a batch answered fewer items than it was given'))
      })
    } catch (error) {
      if (calls.length > 1 && !isDatabaseAway(error)) for (const call of calls) await flushOnce([call])
      else for (const call of calls) call.reject(error)
    }
  }

  async function run(): Promise<void> {
    busy = true
    // Whatever arrives with the same poll of the event loop joins the first flush.
    await new Promise(setImmediate)
    while (waiting.length > 0) {
      const calls = waiting.slice(0, options.size)
      waiting = waiting.slice(options.size)
      const began = performance.now()
      await flushOnce(calls)
      const pause = pauseAfter(calls.length, performance.now() - began, options.gatherMs)
      if (pause > 0 && waiting.length < options.size) await sleep(pause)
    }
    busy = false
  }

  return (item) =>
    new Promise<O>((resolve, reject) => {
      waiting.push({ item, resolve, reject })
      if (!busy) void run()
    })
}
