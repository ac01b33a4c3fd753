import { setTimeout as sleep } from 'node:timers/promises'
import { closedLoop, openLoop, type Pace } from '../flow.ts'
import type { Measurement } from '../measurement.ts'
import { slope } from '../numbers.ts'
import type { Table } from '../report/table.ts'
import { type Counts, countRows, type Sample, takeSample } from '../soak/sample.ts'
import { openStage, type Stage } from '../stage.ts'
import { parleyOnSqlite } from '../subjects/parley.ts'

const people = 200
/** What people say and what became of it: kept for as long as the retention settings say. */
const retained = ['contacts', 'contact_limits', 'conversations', 'messages', 'turns', 'handoffs']
/** A row for each duty of the whole installation: some ten, however long it runs. */
const bounded = ['leases']
/** Memory is flat when it grows by less than this share of itself in an hour. */
const flat = 0.05

export const soak: Measurement = {
  name: 'soak',
  about: 'memory, sockets and tables at half load, for --minutes N',
  minutes: ({ quick, minutes }) => (quick ? 0.1 : minutes + 0.5),
  async run({ quick, minutes }, say) {
    const stage = await openStage(parleyOnSqlite)
    try {
      const warmUpMs = quick ? 300 : 5000
      const capacity = await closedLoop(stage, { people, warmUpMs, ms: warmUpMs })
      const ms = quick ? 2000 : minutes * 60_000
      const soaked = await soakFor(stage, { perSecond: capacity.perSecond / 2, ms, say })
      return {
        method: [
          `Parley on SQLite; ${Math.round(capacity.perSecond / 2)} messages a second, half of what a closed loop of ${people} people gave before,`,
          'at a fixed rate; the model answers at once; ten messages each, then a new person comes.',
          'Memory is flat when a straight line through the samples, the first fifth left out, rises by less than',
          `${flat * 100} % of their mean in an hour. The first and the last tenth of the time are compared besides.`,
        ],
        tables: [sampleTable(soaked.samples), paceTable(soaked), rowTable(soaked, ms)],
        notes: [memoryNote(soaked.samples), tableNote(soaked)],
      }
    } finally {
      await stage.stop()
    }
  },
}

interface Soaked {
  samples: Sample[]
  first: Pace
  last: Pace
  before: Counts
  after: Counts
}

interface Course {
  perSecond: number
  ms: number
  say: (progress: string) => void
}

/** The load goes on in three stretches: the first and the last tenth, whose latencies are compared, and the middle. */
async function soakFor(stage: Stage, { perSecond, ms, say }: Course): Promise<Soaked> {
  const before = await countRows(stage.subject)
  const samples: Sample[] = []
  const sampling = sampleEvery(stage, ms / 60, samples, say)
  const tenth = { perSecond, warmUpMs: ms / 50, ms: ms * 0.08 }
  const first = await openLoop(stage, tenth)
  await openLoop(stage, { ...tenth, ms: ms * 0.78 })
  const last = await openLoop(stage, tenth)
  sampling.abort()
  return { samples, first, last, before, after: await countRows(stage.subject) }
}

function sampleEvery(stage: Stage, ms: number, samples: Sample[], say: Course['say']): AbortController {
  const controller = new AbortController()
  const { signal } = controller
  const began = performance.now()
  void (async () => {
    while (!signal.aborted) {
      const sample = takeSample(stage.subject, (performance.now() - began) / 3_600_000)
      samples.push(sample)
      if (samples.length % 6 === 1)
        say(
          `${(sample.hours * 60).toFixed(1)} min: ${Math.round(sample.memoryMb)} MB, database ${Math.round(sample.databaseMb)} MB`,
        )
      await sleep(ms, undefined, { signal }).catch(() => undefined)
    }
  })()
  return controller
}

const sampleTable = (samples: Sample[]): Table => ({
  title: 'Samples, a tenth of the time apart',
  columns: [
    { key: 'minutes', head: 'min', digits: 1 },
    { key: 'memoryMb', head: 'MB' },
    { key: 'descriptors', head: 'open files' },
    { key: 'threads', head: 'threads' },
    { key: 'databaseMb', head: 'database MB' },
    { key: 'logMb', head: 'WAL MB', digits: 1 },
  ],
  rows: samples
    .filter((_, index) => index % 6 === 0)
    .map((sample) => ({ ...sample, minutes: sample.hours * 60 })),
})

const paceTable = ({ first, last }: Soaked): Table => ({
  title: 'The first and the last tenth',
  columns: [
    { key: 'when', head: 'when' },
    { key: 'perSecond', head: 'replies/s' },
    { key: 'p50', head: 'p50 ms', digits: 1 },
    { key: 'p95', head: 'p95 ms', digits: 1 },
    { key: 'p99', head: 'p99 ms', digits: 1 },
    { key: 'cpu', head: 'CPU s/1000', digits: 3 },
    { key: 'unanswered', head: 'unanswered' },
    { key: 'others', head: 'others %' },
  ],
  rows: [
    { when: 'first', pace: first },
    { when: 'last', pace: last },
  ].map(({ when, pace }) => ({
    when,
    perSecond: pace.perSecond,
    ...pace.ownMs,
    cpu: pace.cpuPer1000,
    unanswered: pace.unanswered,
    others: pace.othersShare * 100,
  })),
})

const rowTable = ({ before, after }: Soaked, ms: number): Table => ({
  title: 'Tables',
  columns: [
    { key: 'table', head: 'table' },
    { key: 'before', head: 'before' },
    { key: 'after', head: 'after' },
    { key: 'perHour', head: 'an hour more' },
    { key: 'mb', head: 'MB', digits: 1 },
  ],
  rows: [...after].map(([table, { rows, bytes }]) => {
    const earlier = rowsIn(before, table)
    const perHour = ((rows - earlier) / ms) * 3_600_000
    return { table, before: earlier, after: rows, perHour, mb: bytes / 1024 ** 2 }
  }),
})

const rowsIn = (counts: Counts, table: string): number => counts.get(table)?.rows ?? 0

function memoryNote(samples: Sample[]): string {
  const settled = samples.slice(Math.floor(samples.length / 5))
  const mean = settled.reduce((sum, { memoryMb }) => sum + memoryMb, 0) / settled.length
  const perHour = slope(settled.map(({ hours, memoryMb }) => ({ x: hours, y: memoryMb })))
  const verdict = perHour < mean * flat ? 'flat' : 'GROWING'
  return `Memory is ${verdict}: ${perHour.toFixed(1)} MB an hour more, ${mean.toFixed(0)} MB in the mean.`
}

function tableNote({ before, after }: Soaked): string {
  const grown = [...after.keys()]
    .filter((table) => !bounded.includes(table))
    .filter((table) => rowsIn(after, table) > rowsIn(before, table))
  const unowned = grown.filter((table) => !retained.includes(table))
  return unowned.length === 0
    ? `Only tables that retention owns grow: ${grown.join(', ')}.`
    : `Tables that nothing cleans GROW: ${unowned.join(', ')}.`
}
