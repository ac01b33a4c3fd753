import type { Metrics } from '../metrics.ts'
import type { Collector, Export } from './collector.ts'
import type { Span } from './span.ts'
import type { Trouble } from './trouble.ts'

/** Spans that wait to be sent. */
export interface SpanQueue {
  readonly size: number
  /** What finds no place is dropped, all of it. */
  add(spans: readonly Span[]): void
  /** Sends the oldest; they keep their place until the collector has decided about them. */
  sendSome(): Promise<Export>
  drop(count: number): void
}

export interface QueueNeeds {
  collector: Pick<Collector, 'post'>
  encode(spans: readonly Span[]): string
  metrics: Pick<Metrics, 'traceSpans'>
}

/** Holds `most` spans; sends `batchSize` at once. */
export function createSpanQueue(
  { collector, encode, metrics }: QueueNeeds,
  trouble: Trouble,
  { mostQueued, batchSize }: { mostQueued: number; batchSize: number },
): SpanQueue {
  const [sent, dropped] = [metrics.traceSpans.labels('sent'), metrics.traceSpans.labels('dropped')]
  const waiting: Span[] = []

  function drop(count: number): void {
    dropped.inc(count)
    trouble.lost(count)
  }

  return {
    get size() {
      return waiting.length
    },
    drop,
    add(spans) {
      if (waiting.length + spans.length <= mostQueued) return void waiting.push(...spans)
      trouble.begins('spans come faster than it takes them')
      drop(spans.length)
    },
    async sendSome() {
      const batch = waiting.slice(0, batchSize)
      const ended = await collector.post(encode(batch))
      if (ended.kind !== 'away') waiting.splice(0, batch.length)
      const rejected = ended.kind === 'taken' ? ended.rejected : ended.kind === 'refused' ? batch.length : 0
      if (ended.kind === 'taken') sent.inc(batch.length - rejected)
      if (ended.kind !== 'taken' || rejected > 0) trouble.begins(ended.reason)
      else if (waiting.length < batchSize) trouble.over()
      drop(rejected)
      return ended
    },
  }
}
