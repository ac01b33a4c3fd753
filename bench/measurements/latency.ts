import { closedLoop, compiledMs, type Flow, openLoop, type Pace } from '../flow.ts'
import type { Measurement } from '../measurement.ts'
import { median } from '../numbers.ts'
import { asHosted, atOnce } from '../peers/model.ts'
import type { Column, Table } from '../report/table.ts'
import { alternate, disturbanceNotes, peersNotes, type Rounds } from '../rounds.ts'
import { openStage, type Stage } from '../stage.ts'
import { bareLoop, bareLoopWithCommits } from '../subjects/compared.ts'
import { parleyOnPostgres, parleyOnSqlite } from '../subjects/parley.ts'
import type { Subject } from '../subjects/subject.ts'

const atOncePeople = 200
const capacityPeople = 1000
/** About what the slow model takes: the first people come evenly within it, or all would be answered in the same moments. */
const roundMs = 1200
const crowdPeople = 400

const subjects: Subject[] = [bareLoop, bareLoopWithCommits, parleyOnSqlite, parleyOnPostgres()]

/** One round of one subject. */
interface Result {
  capacity: Flow
  atHalf: Pace
  slowCapacity: Flow
  slowAtHalf: Pace
  slowAtQuarter: Pace
  crowd: Flow
  peersShare: number
  othersShare: number
}

export const latency: Measurement = {
  name: 'latency',
  about: 'acknowledgement, our share of the latency with a slow model, 400 at once with it',
  minutes: ({ quick }) => (quick ? 0.2 : 17),
  async run(options, say) {
    const { quick } = options
    const measured = quick ? [bareLoop, parleyOnSqlite] : subjects
    const rounds = await alternate(measured, { rounds: options.rounds, say }, (subject) =>
      measure(subject, quick),
    )
    return {
      method: [
        'Cores, people, Telegram and model as in "replies". Capacity is what a closed loop gives in the same round:',
        `${atOncePeople} people with the model that answers at once, ${capacityPeople} with the slow one (fewer than a fast subject could serve).`,
        'Half or a quarter of that then arrives at a fixed rate (open loop); times count from when a message was due.',
        'Acknowledged: until the webhook has answered. Own: until the reply reached Telegram, less the time from the request',
        'at the model to its last event, as the model itself measured it for that message.',
        `The slow model: ${asHosted.firstMs} ms, then 50 tokens, each an event of its own, ${asHosted.betweenMs} ms apart. Parley previews long answers as drafts.`,
      ],
      tables: [
        acknowledgements(rounds),
        ownShare(rounds, 'half', ({ slowAtHalf }) => slowAtHalf),
        ownShare(rounds, 'a quarter', ({ slowAtQuarter }) => slowAtQuarter),
        crowds(rounds),
      ],
      notes: [...peersNotes(rounds), ...disturbanceNotes(rounds)],
      rounds,
    }
  },
}

interface Times {
  warmUpMs: number
  /** The model changes its pace: those who wait for it settle. */
  settleMs: number
  ms: number
}

const full: Times = { warmUpMs: compiledMs, settleMs: 3000, ms: 8000 }
const quickly: Times = { warmUpMs: 400, settleMs: 500, ms: 800 }

async function measure(subject: Subject, quick: boolean): Promise<Result> {
  const stage = await openStage(subject)
  try {
    return await measureOn(stage, quick ? quickly : full)
  } finally {
    await stage.stop()
  }
}

async function measureOn(stage: Stage, { warmUpMs, settleMs, ms }: Times): Promise<Result> {
  stage.model.pace(atOnce)
  const capacity = await closedLoop(stage, { people: atOncePeople, warmUpMs, ms: ms / 2 })
  const atHalf = await openLoop(stage, { perSecond: capacity.perSecond / 2, warmUpMs: ms / 8, ms })
  stage.model.pace(asHosted)
  const slow = { warmUpMs: settleMs, ms }
  const apart = { ...slow, withinMs: roundMs }
  const slowCapacity = await closedLoop(stage, { ...apart, people: capacityPeople })
  const slowAtHalf = await openLoop(stage, { ...slow, perSecond: slowCapacity.perSecond / 2 })
  const slowAtQuarter = await openLoop(stage, { ...slow, perSecond: slowCapacity.perSecond / 4 })
  const crowd = await closedLoop(stage, { ...apart, people: crowdPeople })
  const parts = [capacity, atHalf, slowCapacity, slowAtHalf, slowAtQuarter, crowd]
  return {
    capacity,
    atHalf,
    slowCapacity,
    slowAtHalf,
    slowAtQuarter,
    crowd,
    peersShare: Math.max(...parts.map(({ peersShare }) => peersShare)),
    othersShare: median(parts.map(({ othersShare }) => othersShare)),
  }
}

const spreadColumns: Column[] = [
  { key: 'p50', head: 'p50 ms', digits: 1 },
  { key: 'p95', head: 'p95 ms', digits: 1 },
  { key: 'p99', head: 'p99 ms', digits: 1 },
]

const paceColumns: Column[] = [
  { key: 'subject', head: 'subject' },
  { key: 'capacity', head: 'capacity/s' },
  { key: 'rate', head: 'at /s' },
  ...spreadColumns,
  { key: 'core', head: 'core %' },
  { key: 'unanswered', head: 'unanswered' },
  { key: 'rounds', head: 'rounds' },
]

const acknowledgements = (rounds: Rounds<Result>[]): Table => ({
  title: 'Webhook acknowledged at half of the capacity, model answering at once',
  columns: paceColumns,
  rows: rounds.map((result) =>
    paceRow(
      result,
      ({ capacity }) => capacity,
      ({ atHalf }) => atHalf,
      ({ acknowledgedMs }) => acknowledgedMs,
    ),
  ),
})

const ownShare = (rounds: Rounds<Result>[], part: string, paceOf: (round: Result) => Pace): Table => ({
  title: `From message to reply at ${part} of the capacity, the slow model's time subtracted`,
  columns: paceColumns,
  rows: rounds.map((result) =>
    paceRow(
      result,
      ({ slowCapacity }) => slowCapacity,
      paceOf,
      ({ ownMs }) => ownMs,
    ),
  ),
})

function paceRow(
  result: Rounds<Result>,
  capacity: (round: Result) => Flow,
  pace: (round: Result) => Pace,
  times: (pace: Pace) => Pace['ownMs'],
) {
  return {
    subject: result.name,
    capacity: result.median((round) => capacity(round).perSecond),
    rate: result.median((round) => pace(round).perSecond),
    p50: result.median((round) => times(pace(round)).p50),
    p95: result.median((round) => times(pace(round)).p95),
    p99: result.median((round) => times(pace(round)).p99),
    core: result.median((round) => pace(round).coreShare) * 100,
    unanswered: result.median((round) => pace(round).unanswered),
    rounds: result.counted.length,
  }
}

function crowds(rounds: Rounds<Result>[]): Table {
  const bare = rounds[0]?.median(({ crowd }) => crowd.perSecond) ?? 0
  return {
    title: `${crowdPeople} people at once with the slow model`,
    columns: [
      { key: 'subject', head: 'subject' },
      { key: 'perSecond', head: 'replies/s' },
      { key: 'ofBare', head: 'of bare', digits: 2 },
      { key: 'cpu', head: 'CPU s/1000', digits: 3 },
      { key: 'core', head: 'core %' },
      { key: 'peers', head: 'peers %' },
      { key: 'rounds', head: 'rounds' },
    ],
    rows: rounds.map((result) => ({
      subject: result.name,
      perSecond: result.median(({ crowd }) => crowd.perSecond),
      ofBare: result.median(({ crowd }) => crowd.perSecond) / bare,
      cpu: result.median(({ crowd }) => crowd.cpuPer1000),
      core: result.median(({ crowd }) => crowd.coreShare) * 100,
      peers: result.median(({ crowd }) => crowd.peersShare) * 100,
      rounds: result.counted.length,
    })),
  }
}
