import type { Clock } from '../../model/time.ts'
import type { Log } from '../log.ts'
import type { Collector } from './collector.ts'
import { createSpanQueue, type QueueNeeds } from './queue.ts'
import type { Span } from './span.ts'
import { createTrouble } from './trouble.ts'

/** Sends spans away, some at a time. */
export interface Exporter {
  /** Costs the caller nothing but a place in the queue. */
  tell(spans: readonly Span[]): void
  /** Sends what is queued, for as long as `flushMs`; what is left then is dropped. */
  close(): Promise<void>
}

interface ExporterNeeds extends QueueNeeds {
  collector: Collector
  /** Whom the log names. */
  host: string
  log: Log
  clock: Clock
  pace?: Pace
}

export interface Pace {
  /** Spans waiting at most: about a kilobyte each. */
  mostQueued: number
  batchSize: number
  /** How long spans wait for others, in milliseconds. */
  everyMs: number
  /** The wait after a first failure, doubled with each further one, and the longest of them, in milliseconds. */
  restMs: [first: number, longest: number]
  /** The most that the last exports of a process may take, in milliseconds. */
  flushMs: number
}

const usual: Pace = {
  mostQueued: 4096,
  batchSize: 256,
  everyMs: 2000,
  restMs: [1000, 60_000],
  flushMs: 3000,
}

export function createExporter(needs: ExporterNeeds): Exporter {
  const { collector, pace = usual } = needs
  const { batchSize, everyMs, restMs, flushMs } = pace
  const queue = createSpanQueue(needs, createTrouble(needs), pace)
  let timer: NodeJS.Timeout | undefined
  let sending: Promise<void> | undefined
  /** Exports that failed in a row. */
  let failures = 0
  let closed = false

  function run(): void {
    timer = undefined
    sending = queue.sendSome().then((ended) => {
      sending = undefined
      failures = ended.kind === 'taken' ? 0 : failures + 1
      const [first, longest] = restMs
      const asked = ended.kind === 'away' ? (ended.retryAfterMs ?? 0) : 0
      const rest = Math.min(Math.max(first * 2 ** (failures - 1), asked), longest)
      schedule(failures > 0 ? rest : everyMs)
    })
  }

  function schedule(ms: number): void {
    if (timer || sending || closed || queue.size === 0) return
    timer = setTimeout(run, failures === 0 && queue.size >= batchSize ? 0 : ms).unref()
  }

  return {
    tell(spans) {
      if (closed) return queue.drop(spans.length)
      const before = queue.size
      queue.add(spans)
      if (failures === 0 && before < batchSize && queue.size >= batchSize) {
        clearTimeout(timer)
        timer = undefined
      }
      schedule(everyMs)
    },
    async close() {
      closed = true
      clearTimeout(timer)
      let late = false
      const tooLong = setTimeout(() => {
        late = true
        void collector.close()
      }, flushMs)
      await sending
      while (queue.size > 0 && !late) if ((await queue.sendSome()).kind === 'away') break
      clearTimeout(tooLong)
      queue.drop(queue.size)
      if (!late) await collector.close()
    },
  }
}
