import { setTimeout as sleep } from 'node:timers/promises'
import { quantile } from './numbers.ts'
import { observe } from './observe.ts'
import { type Arrivals, arrive } from './peers/arrivals.ts'
import { type Heard, talk } from './peers/people.ts'
import { modelMs } from './peers/servings.ts'
import { until } from './processes/port.ts'
import type { Stage } from './stage.ts'

/** How messages flowed through a subject for a while. */
export interface Flow {
  /** All there were, those of the warm-up included. */
  replies: number
  perSecond: number
  /** CPU seconds for 1000 replies. */
  cpuPer1000: number
  /** CPU of the subject, 1 is a whole core. */
  coreShare: number
  memoryMb: number
  /** From writing to the reply. */
  p50Ms: number
  p99Ms: number
  peersShare: number
  othersShare: number
}

export interface ClosedLoopOptions {
  people: number
  /** What each says before a new person comes; ten when not set. */
  messages?: number
  /** In what time the first people come, in milliseconds; all at once when not set. */
  withinMs?: number
  /** Before anything counts. */
  warmUpMs: number
  ms: number
}

/**
 * By then the hot path of every subject is compiled, in milliseconds of a full house. Two processes on one core take this
 * long: after 3 s they gave a sixth less.
 */
export const compiledMs = 20_000

const firstReplyMs = 30_000

/** Lets people talk: each writes again when the reply arrives. */
export async function closedLoop(
  { webhook, listen, subject }: Stage,
  { people: seats, messages, withinMs, warmUpMs, ms }: ClosedLoopOptions,
): Promise<Flow> {
  let latencies: number[] = []
  const heard = ({ writtenAt, heardAt }: Heard): void => void latencies.push(heardAt - writtenAt)
  const people = talk(webhook, seats, heard, { messages, withinMs })
  listen(people)
  await until('not one reply arrived', firstReplyMs, async () => people.count() > 0)
  await sleep(warmUpMs)
  latencies = []
  const before = people.count()
  const observed = await observe(subject.roots, ms)
  const replies = people.count() - before
  people.stop()
  subject.assertAlive()
  if (replies === 0) throw new Error('replies have ceased')
  return {
    replies: people.count(),
    perSecond: replies / observed.seconds,
    cpuPer1000: (observed.cpuSeconds / replies) * 1000,
    coreShare: observed.cpuSeconds / observed.seconds,
    memoryMb: observed.memoryMb,
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
    peersShare: observed.peersShare,
    othersShare: observed.othersShare,
  }
}

/** How a subject kept up with messages that come at a fixed rate. */
export interface Pace {
  perSecond: number
  acknowledgedMs: Spread
  /** From writing to the reply, less the time the model took for it. */
  ownMs: Spread
  /** Messages without a reply at the end. */
  unanswered: number
  cpuPer1000: number
  coreShare: number
  memoryMb: number
  peersShare: number
  othersShare: number
}

export interface Spread {
  p50: number
  p95: number
  p99: number
}

export const spreadOf = (values: readonly number[]): Spread => ({
  p50: quantile(values, 0.5),
  p95: quantile(values, 0.95),
  p99: quantile(values, 0.99),
})

export interface OpenLoopOptions {
  perSecond: number
  warmUpMs: number
  ms: number
  /** Chats to write from, when they are to be known ones. */
  chats?: readonly number[]
}

/** Lets messages arrive at a fixed rate. */
export async function openLoop(stage: Stage, options: OpenLoopOptions): Promise<Pace> {
  const { webhook, subject, served } = stage
  let acknowledged: number[] = []
  let own: number[] = []
  const people = arrive(webhook, {
    ...options,
    onAcknowledged: (ms) => void acknowledged.push(ms),
    onHeard: ({ number, writtenAt, heardAt }) => own.push(heardAt - writtenAt - modelMs(served.take(number))),
  })
  stage.listen(people)
  await until('not one reply arrived', firstReplyMs, async () => people.count() > 0)
  await sleep(options.warmUpMs)
  acknowledged = []
  own = []
  const observed = await observe(subject.roots, options.ms)
  const counted = [...own]
  people.stop()
  await drained(people)
  subject.assertAlive()
  return {
    perSecond: counted.length / observed.seconds,
    acknowledgedMs: spreadOf(acknowledged),
    ownMs: spreadOf(counted),
    unanswered: people.written() - people.count(),
    cpuPer1000: (observed.cpuSeconds / counted.length) * 1000,
    coreShare: observed.cpuSeconds / observed.seconds,
    memoryMb: observed.memoryMb,
    peersShare: observed.peersShare,
    othersShare: observed.othersShare,
  }
}

const drainMs = 10_000

const drained = (people: Arrivals): Promise<void> =>
  sleepUntil(drainMs, () => people.count() >= people.written())

/** Sleeps until something is so, but no longer than `ms`. */
async function sleepUntil(ms: number, isSo: () => boolean): Promise<void> {
  for (let waited = 0; waited < ms && !isSo(); waited += 50) await sleep(50)
}
