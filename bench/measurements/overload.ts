import { setTimeout as sleep } from 'node:timers/promises'
import { closedLoop, compiledMs } from '../flow.ts'
import type { Measurement } from '../measurement.ts'
import { observe } from '../observe.ts'
import { type Flood, type FloodCounts, flood } from '../peers/flood.ts'
import { openWebhook } from '../peers/webhook.ts'
import { until } from '../processes/port.ts'
import { memoryMb } from '../processes/usage.ts'
import type { Table } from '../report/table.ts'
import { alternate, disturbanceNotes, peersNotes, type Rounds } from '../rounds.ts'
import { openStage, type Stage } from '../stage.ts'
import { usualParleys } from '../subjects/parley.ts'
import { secret, type Subject } from '../subjects/subject.ts'

const times = 10
/** Ten times what Telegram opens, so that whoever waits for a refusal does not keep the others from coming. */
const connections = 400
const capacityPeople = 200

interface Lasting {
  warmUpMs: number
  capacityMs: number
  floodMs: number
}

const full: Lasting = { warmUpMs: compiledMs, capacityMs: 8000, floodMs: 60_000 }
const quickly: Lasting = { warmUpMs: 1000, capacityMs: 1000, floodMs: 4000 }

/** One round of one subject. */
interface Result extends FloodCounts {
  capacity: number
  seconds: number
  answered: number
  beforeMb: number
  peakMb: number
  /** Messages stored that were not accepted, or the other way round. */
  unmatched: number
  /** Accepted and never answered. */
  lost: number
  /** From the end of the flood until all that was accepted is answered, and until a new message is as quickly as ever. */
  drainedMs: number
  normalMs: number
  peersShare: number
  othersShare: number
}

export const overload: Measurement = {
  name: 'overload',
  about: 'ten times the capacity: what is answered, what is refused, memory, time until all is normal',
  minutes: ({ quick, rounds }) => (quick ? 0.5 : rounds * 3.5),
  async run(options, say) {
    const measured = options.quick ? usualParleys.slice(0, 1) : usualParleys
    const rounds = await alternate(measured, { rounds: options.rounds, say }, (subject) =>
      measure(subject, options.quick ? quickly : full),
    )
    return {
      method: [
        `Capacity: what ${capacityPeople} people at a time who say one thing each get before and after the flood, the mean; the model answers at once.`,
        `Then ${times} times as many new people a second as before it write once each for ${full.floodMs / 1000} s, over ${connections} connections; nobody tries again.`,
        'A refusal is a 503 with Retry-After. It takes its time, so that a connection has one at most now and then; what finds',
        'no connection free is kept and never sent, as Telegram keeps it back: due less kept is what arrives. Stored: as the processes count what they committed, against what was answered with 200.',
        'Parley works on 100 turns at once, as when nothing is set; elsewhere here on up to 4096, which a slow model needs.',
        'Normal: a new message is answered within half a second.',
      ],
      tables: [tableOf(rounds)],
      notes: [...peersNotes(rounds), ...disturbanceNotes(rounds)],
      rounds,
    }
  },
}

async function measure(subject: Subject, lasting: Lasting): Promise<Result> {
  const stage = await openStage(subject)
  try {
    return await measureOn(stage, lasting)
  } finally {
    await stage.stop()
  }
}

async function measureOn(stage: Stage, { warmUpMs, capacityMs, floodMs }: Lasting): Promise<Result> {
  const { subject } = stage
  const capacityAfter = async (warmUpMs: number): Promise<number> =>
    (await closedLoop(stage, { people: capacityPeople, messages: 1, warmUpMs, ms: capacityMs })).perSecond
  const before = await capacityAfter(warmUpMs)
  const storedBefore = await storedWhenCalm(stage)
  const beforeMb = memoryMb(subject.roots)
  const webhook = openWebhook(subject.ports, secret, connections)
  const people = flood(webhook, before * times)
  stage.listen(people)
  const memory = watchMemory(subject.roots)
  const observed = await observe(subject.roots, floodMs)
  const answered = people.count()
  people.stop()
  const recovered = await recover(stage, people)
  const peakMb = memory.stop()
  const stored = (await storedWhenCalm(stage)) - storedBefore
  webhook.close()
  const after = await capacityAfter(settleMs)
  subject.assertAlive()
  const { probes, ...recovery } = recovered
  const counts = people.counts()
  return {
    ...counts,
    ...recovery,
    capacity: (before + after) / 2,
    seconds: observed.seconds,
    answered,
    beforeMb,
    peakMb,
    unmatched: stored - counts.accepted - probes(),
    lost: people.owed(),
    peersShare: observed.peersShare,
    othersShare: observed.othersShare,
  }
}

/** Until the loop after the flood is in its stride. */
const settleMs = 1000
const longestMs = 60_000
const quickMs = 500

/** Waits until what was accepted is answered, and until a message written now is answered as quickly as ever. */
async function recover(stage: Stage, people: Flood) {
  const ended = performance.now()
  const since = (): number => performance.now() - ended
  let drainedMs = longestMs
  const waited = until('what was accepted is answered', longestMs, async () => people.owed() === 0).then(
    () => {
      drainedMs = since()
    },
    () => undefined,
  )
  const probes: Flood[] = []
  let normalMs = longestMs
  while (since() < longestMs && normalMs === longestMs) {
    const probe = flood(stage.webhook, 1000)
    while (probe.counts().due === 0) await sleep(1)
    probe.stop()
    stage.listen({ heard: (chat) => [people, probe].forEach((one) => one.heard(chat)) })
    const asked = since()
    await sleep(1)
    while (since() < asked + quickMs && probe.owed() > 0) await sleep(5)
    probes.push(probe)
    if (probe.count() > 0 && probe.owed() === 0) normalMs = since()
  }
  await waited
  // Some of those that were too slow are accepted all the same.
  const accepted = (): number => probes.reduce((sum, probe) => sum + probe.counts().accepted, 0)
  return { drainedMs, normalMs, probes: accepted }
}

/** The most these processes hold until `stop`, in megabytes, looked at every second. */
function watchMemory(roots: readonly number[]): { stop(): number } {
  let peak = 0
  const look = (): void => {
    peak = Math.max(peak, memoryMb(roots))
  }
  const timer = setInterval(look, 1000)
  return {
    stop() {
      clearInterval(timer)
      look()
      return peak
    },
  }
}

/** The same once nothing more comes of what is under way. */
async function storedWhenCalm(stage: Stage): Promise<number> {
  let stored = -1
  await until('messages cease to be stored', longestMs, async () => {
    const before = stored
    stored = await storedOf(stage)
    await sleep(1000)
    return stored === before
  })
  return stored
}

/** Messages of people stored by the processes that receive. */
async function storedOf({ subject }: Stage): Promise<number> {
  const pages = await Promise.all(
    subject.ports.map(async (port) => (await fetch(`http://127.0.0.1:${port}/metrics`)).text()),
  )
  const stored = /^messages_processed_total\{sender_type="contact"\} (\d+)/m
  return pages.reduce((sum, page) => sum + Number(stored.exec(page)?.[1] ?? 0), 0)
}

const tableOf = (rounds: Rounds<Result>[]): Table => ({
  title: `${times} times the capacity for a minute`,
  columns: [
    { key: 'subject', head: 'subject' },
    { key: 'capacity', head: 'capacity/s' },
    { key: 'due', head: 'due/s' },
    { key: 'answered', head: 'answered/s' },
    { key: 'share', head: 'of capacity', digits: 2 },
    { key: 'refused', head: '503/s' },
    { key: 'kept', head: 'kept/s' },
    { key: 'wrong', head: 'other' },
    { key: 'unmatched', head: 'stored − accepted' },
    { key: 'lost', head: 'lost' },
    { key: 'before', head: 'MB before' },
    { key: 'peak', head: 'MB peak' },
    { key: 'drained', head: 'drained s', digits: 1 },
    { key: 'normal', head: 'normal s', digits: 1 },
    { key: 'peers', head: 'peers %' },
    { key: 'rounds', head: 'rounds' },
  ],
  rows: rounds.map((result) => ({
    subject: result.name,
    capacity: result.median(({ capacity }) => capacity),
    due: result.median(({ due, seconds }) => due / seconds),
    answered: result.median(({ answered, seconds }) => answered / seconds),
    share: result.median(({ answered, seconds, capacity }) => answered / seconds / capacity),
    refused: result.median(({ refused, seconds }) => refused / seconds),
    kept: result.median(({ kept, seconds }) => kept / seconds),
    wrong: result.median(({ wrong }) => wrong),
    unmatched: result.median(({ unmatched }) => unmatched),
    lost: result.median(({ lost }) => lost),
    before: result.median(({ beforeMb }) => beforeMb),
    peak: result.median(({ peakMb }) => peakMb),
    drained: result.median(({ drainedMs }) => drainedMs / 1000),
    normal: result.median(({ normalMs }) => normalMs / 1000),
    peers: result.median(({ peersShare }) => peersShare) * 100,
    rounds: result.counted.length,
  })),
})
