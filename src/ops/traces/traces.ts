import type { Clock } from '../../model/time.ts'
import type { Events } from '../events.ts'
import type { Log } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import { createCollector } from './collector.ts'
import { createExporter } from './exporter.ts'
import { observe } from './observe.ts'
import { type Resource, toOtlp } from './otlp.ts'

export interface TraceSettings {
  /** Of the collector, whole: `http://collector:4318/v1/traces`. */
  endpoint: string
  headers: Readonly<Record<string, string>>
  /** Part of the turns that is traced, 0 to 1. */
  ratio: number
}

interface TraceNeeds extends Resource {
  log: Log
  metrics: Metrics
  clock: Clock
}

/** Where the time of slow answers went, for a collector of OpenTelemetry. */
export interface Traces {
  observe(events: Events): Events
  /** Sends what is left, for three seconds at most. */
  close(): Promise<void>
}

/** The longest an export may take, in milliseconds. */
const timeoutMs = 10_000

export function openTraces({ endpoint, headers, ratio }: TraceSettings, needs: TraceNeeds): Traces {
  const { log, metrics, clock, service, version, instance, environment } = needs
  const { host } = new URL(endpoint)
  const resource = { service, version, instance, environment }
  const exporter = createExporter({
    collector: createCollector({ endpoint, headers, timeoutMs }),
    encode: (spans) => toOtlp(spans, resource),
    host,
    log,
    metrics,
    clock,
  })
  log.info({ collector: host, ratio }, 'turns are traced')
  return {
    observe: (events) => observe(events, { clock, ratio, tell: exporter.tell }),
    close: exporter.close,
  }
}
