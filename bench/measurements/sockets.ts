import { setTimeout as sleep } from 'node:timers/promises'
import { type Spread, spreadOf } from '../flow.ts'
import type { Measurement } from '../measurement.ts'
import { type Observed, observe } from '../observe.ts'
import { type Crowd, startCrowd } from '../peers/crowd.ts'
import { now } from '../peers/clock.ts'
import { asHosted, type Served } from '../peers/model.ts'
import type { PageTurn } from '../peers/pages.ts'
import { cpuSeconds, memoryMb } from '../processes/usage.ts'
import type { Table } from '../report/table.ts'
import { alternate, disturbanceNotes, peersNotes, type Rounds } from '../rounds.ts'
import { openStage, type Stage } from '../stage.ts'
import { bareSockets } from '../subjects/compared.ts'
import { parleyOnSqlite } from '../subjects/parley.ts'
import type { Subject } from '../subjects/subject.ts'

/** Reading fifty words takes about as long. */
const pauseMs = 10_000

interface Sizes {
  idle: number
  active: number
  settleMs: number
  warmUpMs: number
  talkMs: number
}

const full: Sizes = { idle: 10_000, active: 500, settleMs: 15_000, warmUpMs: 12_000, talkMs: 20_000 }
const quickly: Sizes = { idle: 100, active: 40, settleMs: 500, warmUpMs: 750, talkMs: 1500 }

interface Result extends Observed {
  beforeMb: number
  idleMb: number
  mbPer1000: number
  openedPerSecond: number
  cpuPer1000Opened: number
  turnsPerSecond: number
  /** From sending to the first piece of the answer, less what the model took for it. */
  firstMs: Spread
  /** From the model's first piece to the page's. */
  passedMs: Spread
}

export const sockets: Measurement = {
  name: 'sockets',
  about: 'memory of 10,000 idle web-chat sockets, and the first token of 500 active ones beside them',
  minutes: ({ quick }) => (quick ? 0.2 : 6),
  async run(options, say) {
    const { quick } = options
    const sizes = quick ? quickly : full
    const rounds = await alternate(
      [bareSockets, parleyOnSqlite],
      { rounds: options.rounds, say },
      (subject) => measure(subject, sizes),
    )
    return {
      method: [
        `Each page asks for /chat, keeps its cookie, opens its socket, waits for the greeting and opens a session; ${sizes.idle} pages in 4 processes.`,
        `Memory (resident set size) is read before them and ${sizes.settleMs / 1000} s after the last.`,
        `Then ${sizes.active} of them talk, with ${pauseMs / 1000} s between answer and question in the mean; the others stay. Counted after ${sizes.warmUpMs / 1000} s.`,
        `The model: ${asHosted.firstMs} ms to the first token, then 50, each an event of its own, ${asHosted.betweenMs} ms apart.`,
        "First token: from the page's sending to its first piece of the answer, less the time from the request at the model",
        "to the model's first piece. Passed on: from the model's first piece to the page's. Both with this very message's times.",
        'The bare sockets are Node with ws, which keep nothing and pass each piece on.',
      ],
      tables: [idleTable(rounds), activeTable(rounds)],
      notes: [...peersNotes(rounds), ...disturbanceNotes(rounds)],
      rounds,
    }
  },
}

async function measure(subject: Subject, sizes: Sizes): Promise<Result> {
  const stage = await openStage(subject)
  const crowd = startCrowd()
  try {
    stage.model.pace(asHosted)
    await sleep(Math.min(5000, sizes.settleMs))
    return { ...(await opened(stage, crowd, sizes)), ...(await talking(stage, crowd, sizes)) }
  } finally {
    await crowd.stop()
    await stage.stop()
  }
}

async function opened({ subject }: Stage, crowd: Crowd, { idle, settleMs }: Sizes) {
  const { roots } = subject
  const before = { mb: memoryMb(roots), cpu: cpuSeconds(roots), at: performance.now() }
  await crowd.open(subject.ports[0] ?? 0, idle)
  const seconds = (performance.now() - before.at) / 1000
  const cpu = cpuSeconds(roots) - before.cpu
  await sleep(settleMs)
  const idleMb = memoryMb(roots)
  return {
    beforeMb: before.mb,
    idleMb,
    mbPer1000: ((idleMb - before.mb) / idle) * 1000,
    openedPerSecond: idle / seconds,
    cpuPer1000Opened: (cpu / idle) * 1000,
  }
}

async function talking({ subject, served }: Stage, crowd: Crowd, { active, warmUpMs, talkMs }: Sizes) {
  crowd.talk(active, pauseMs)
  await sleep(warmUpMs)
  const from = now()
  const observed = await observe(subject.roots, talkMs, crowd.roots)
  const until = now()
  const said = await crowd.hush()
  subject.assertAlive()
  const turns = said.filter(({ doneAt }) => doneAt >= from && doneAt < until)
  const times = turns.flatMap((turn) => firstTimes(turn, served.take(turn.number)))
  return {
    ...observed,
    turnsPerSecond: turns.length / observed.seconds,
    firstMs: spreadOf(times.map(({ first }) => first)),
    passedMs: spreadOf(times.map(({ passed }) => passed)),
  }
}

function firstTimes({ sentAt, firstAt }: PageTurn, served: Served | undefined) {
  if (served === undefined) return []
  const modelFirst = served.firstAt - served.askedAt
  return [{ first: firstAt - sentAt - modelFirst, passed: firstAt - served.firstAt }]
}

const idleTable = (rounds: Rounds<Result>[]): Table => ({
  title: 'Idle sockets',
  columns: [
    { key: 'subject', head: 'subject' },
    { key: 'before', head: 'MB before' },
    { key: 'idle', head: 'MB with them' },
    { key: 'per1000', head: 'MB/1000', digits: 1 },
    { key: 'opened', head: 'opened/s' },
    { key: 'cpu', head: 'CPU s/1000', digits: 2 },
    { key: 'rounds', head: 'rounds' },
  ],
  rows: rounds.map((result) => ({
    subject: result.name,
    before: result.median(({ beforeMb }) => beforeMb),
    idle: result.median(({ idleMb }) => idleMb),
    per1000: result.median(({ mbPer1000 }) => mbPer1000),
    opened: result.median(({ openedPerSecond }) => openedPerSecond),
    cpu: result.median(({ cpuPer1000Opened }) => cpuPer1000Opened),
    rounds: result.counted.length,
  })),
})

const activeTable = (rounds: Rounds<Result>[]): Table => ({
  title: 'First token on the active ones',
  columns: [
    { key: 'subject', head: 'subject' },
    { key: 'turns', head: 'turns/s' },
    { key: 'p50', head: 'p50 ms', digits: 1 },
    { key: 'p95', head: 'p95 ms', digits: 1 },
    { key: 'p99', head: 'p99 ms', digits: 1 },
    { key: 'passed50', head: 'passed on p50', digits: 1 },
    { key: 'passed95', head: 'p95', digits: 1 },
    { key: 'passed99', head: 'p99', digits: 1 },
    { key: 'core', head: 'core %' },
    { key: 'mb', head: 'MB' },
    { key: 'others', head: 'others %' },
  ],
  rows: rounds.map((result) => ({
    subject: result.name,
    turns: result.median(({ turnsPerSecond }) => turnsPerSecond),
    p50: result.median(({ firstMs }) => firstMs.p50),
    p95: result.median(({ firstMs }) => firstMs.p95),
    p99: result.median(({ firstMs }) => firstMs.p99),
    passed50: result.median(({ passedMs }) => passedMs.p50),
    passed95: result.median(({ passedMs }) => passedMs.p95),
    passed99: result.median(({ passedMs }) => passedMs.p99),
    core: result.median(({ cpuSeconds: used, seconds }) => used / seconds) * 100,
    mb: result.median(({ memoryMb: mb }) => mb),
    others: result.median(({ othersShare }) => othersShare) * 100,
  })),
})
