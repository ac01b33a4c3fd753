import type { Config } from '../config/config.ts'
import type { Clock } from '../model/time.ts'
import { createEvents, type Events } from '../ops/events.ts'
import type { Log } from '../ops/log.ts'
import type { Metrics } from '../ops/metrics.ts'
import type { Traces } from '../ops/traces/traces.ts'

interface EventParts {
  log: Log
  metrics: Metrics
  clock: Clock
  version: string
  /** Which of the processes this is. */
  instance: string
}

export interface OpenEvents {
  events: Events
  traces: Pick<Traces, 'close'>
}

const noTraces: OpenEvents['traces'] = { close: async () => undefined }

/** The events of this process, traced where there is a collector; what that takes is loaded only there. */
export async function openEvents(
  { traces: settings, environment }: Config,
  { version, instance, ...told }: EventParts,
): Promise<OpenEvents> {
  const events = createEvents(told)
  if (settings === undefined) return { events, traces: noTraces }
  const { openTraces } = await import('../ops/traces/traces.ts')
  const { service } = settings
  const traces = openTraces(settings, { ...told, service, version, instance, environment })
  return { events: traces.observe(events), traces }
}
