import type { Sign } from '../../jobs/alerts.ts'
import type { Clock } from '../../model/time.ts'
import type { Metrics } from '../../ops/metrics.ts'
import type { Admission } from '../../pipeline/admission.ts'
import type { Store } from '../../store/store.ts'
import { createAwayCheck } from './past-signs.ts'
import { type Counted, createRecentCount, type RecentCount, sumOf } from './recent-count.ts'

interface Parts {
  store: Pick<Store, 'check'>
  admission: Pick<Admission, 'isShedding'>
  metrics: Metrics
  clock: Clock
}

const minuteMs = 60_000

/** Of the requests, so many may end in an error. */
const mostFailing = 0.05
const ofWatchers: ReadonlySet<unknown> = new Set(['/livez', '/readyz', '/health', '/metrics'])

/** Too many requests end in a 5xx; those refused for want of room are told by that. */
export function createServerErrorSign(parts: Parts): Sign {
  const { metrics, clock, admission } = parts
  const [all, failed] = [createRecentCount(5 * minuteMs), createRecentCount(5 * minuteMs)]
  const isAway = createAwayCheck(parts)
  return {
    kind: 'serverErrors',
    forMs: 5 * minuteMs,
    async look() {
      const counts = !(await isAway()) && !admission.isShedding()
      const { values } = await metrics.httpRequests.get()
      const ofPeople: Counted[] = values.filter(({ labels }) => !ofWatchers.has(labels.endpoint))
      const now = clock.now()
      const requests = all.add(sumOf(ofPeople), now, counts)
      const errors = failed.add(
        sumOf(ofPeople.filter(({ labels }) => Number(labels['status']) >= 500)),
        now,
        counts,
      )
      return errors > mostFailing * requests
        ? { kind: 'serverErrors', percent: Math.round((errors / requests) * 100) }
        : undefined
    },
  }
}

const slowest = { seconds: 10, part: 0.05 }

/** Of a model, more than one call in twenty takes long. */
export function createSlowModelSign({ metrics, clock }: Pick<Parts, 'metrics' | 'clock'>): Sign {
  const counts = new Map<string, RecentCount>()
  const recent = (name: string): RecentCount => {
    const count = counts.get(name) ?? createRecentCount(5 * minuteMs)
    counts.set(name, count)
    return count
  }
  return {
    kind: 'modelSlow',
    forMs: 5 * minuteMs,
    async look() {
      const buckets: Counted[] = (await metrics.llmSeconds.get()).values
      const now = clock.now()
      /** Calls by model that took no longer; sums and counts have no such label. */
      const upTo = (le: string | number): [model: string, calls: number][] =>
        buckets
          .filter(({ labels }) => labels['le'] === le)
          .map(({ labels, value }) => {
            const model = String(labels['model'])
            return [model, recent(`${model} ${le}`).add(value, now)]
          })
      const [all, soon] = [upTo('+Inf'), new Map(upTo(slowest.seconds))]
      const slow = all.filter(([model, calls]) => calls - (soon.get(model) ?? 0) > slowest.part * calls)
      return slow.length > 0
        ? { kind: 'modelSlow', models: slow.map(([model]) => model).join(', ') }
        : undefined
    },
  }
}

const escalating = { part: 0.3, conversations: 5 }

/** Of the conversations, too many end with the wish for a human. Of a process that both takes messages and answers. */
export function createEscalationSign({ metrics, clock }: Pick<Parts, 'metrics' | 'clock'>): Sign {
  const [started, escalated] = [createRecentCount(10 * minuteMs), createRecentCount(10 * minuteMs)]
  return {
    kind: 'escalations',
    forMs: 10 * minuteMs,
    async look() {
      const [all, some] = await Promise.all([metrics.conversations.get(), metrics.escalations.get()])
      const now = clock.now()
      const conversations = started.add(sumOf(all.values), now)
      const part = escalated.add(sumOf(some.values), now) / conversations
      return conversations > escalating.conversations && part > escalating.part
        ? { kind: 'escalations', percent: Math.round(part * 100) }
        : undefined
    },
  }
}
