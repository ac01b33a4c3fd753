import { resolve } from 'node:path'
import type { Measurement, Options } from '../measurement.ts'
import { disturbanceNotes, peersNotes, alternate, type Rounds } from '../rounds.ts'
import { closedLoop, compiledMs, type Flow } from '../flow.ts'
import { profileTable, readProfile } from '../report/profile.ts'
import type { Table } from '../report/table.ts'
import { openStage } from '../stage.ts'
import { bareFetch, bareLoop, bareLoopWithCommits, grammyWithSdk, usualRecipe } from '../subjects/compared.ts'
import { parleyOnPostgres, parleyOnSqlite } from '../subjects/parley.ts'
import type { StartOptions } from '../subjects/running.ts'
import type { Subject } from '../subjects/subject.ts'
import { profiled } from '../subjects/profiled.ts'

const people = 200
const full = { warmUpMs: compiledMs, ms: 8000 }
const quickly = { warmUpMs: 300, ms: 500 }
const method = [
  'One core for each subject with its databases (taskset), the other for the people, Telegram and the model.',
  `Closed loop: ${people} people at once; each writes again when the reply arrives, ten messages each, then a new person comes.`,
  'Telegram delivers over 40 kept connections with one update under way on each, and takes every sendMessage at once.',
  'The model answers at once with 50 tokens, each an event of an OpenAI-compatible stream, in 3 writes; the same bytes for all.',
  `Counted for ${full.ms / 1000} s, after ${full.warmUpMs / 1000} s that are not.`,
  'CPU is that of all processes of the subject, databases and their children included; memory is resident set size.',
  'PostgreSQL with fsync, Redis without persistence, SQLite in WAL mode with synchronous FULL.',
]

const subjects: Subject[] = [
  bareLoop,
  bareLoopWithCommits,
  bareFetch,
  parleyOnSqlite,
  grammyWithSdk,
  parleyOnPostgres(),
  usualRecipe,
]

export const replies: Measurement = {
  name: 'replies',
  about: 'replies a second and CPU for each through the Telegram webhook, model answering at once',
  minutes: ({ quick }) => (quick ? 0.3 : 12),
  async run(options, say) {
    const rounds = await alternate(subjects, { rounds: options.rounds, say }, (subject) =>
      measure(subject, options),
    )
    const notes = [...comparisons(rounds), ...peersNotes(rounds), ...disturbanceNotes(rounds)]
    const profiles = options.profile === undefined ? [] : await profileAll(options.profile, options, say)
    return { method, tables: [tableOf(rounds), ...profiles], notes, rounds }
  },
}

async function measure(
  subject: Subject,
  { quick }: Options,
  how?: Pick<StartOptions, 'adapt'>,
): Promise<Flow> {
  const stage = await openStage(subject, how)
  try {
    return await closedLoop(stage, { people, ...(quick ? quickly : full) })
  } finally {
    await stage.stop()
  }
}

const folderOf = ({ name }: Subject): string => name.toLowerCase().replace(/\W+/g, '-')

/** The start and the warm-up are a third of the time. */
const warmShare = 0.35

async function profileAll(
  folder: string,
  options: Options,
  say: (progress: string) => void,
): Promise<Table[]> {
  const tables: Table[] = []
  for (const subject of [parleyOnSqlite, parleyOnPostgres()]) {
    say(`${subject.name}, profiled`)
    tables.push(...(await profileOf(subject, resolve(folder, folderOf(subject)), options)))
  }
  return tables
}

/** The sampler slows what it watches: that round is none of those that count. */
async function profileOf(subject: Subject, folder: string, options: Options): Promise<Table[]> {
  await measure(subject, options, { adapt: profiled(folder) })
  const profile = readProfile(folder)
  return profile ? [profileTable(`Where the time of ${subject.name} goes`, profile, warmShare)] : []
}

const medianOf = (rounds: Rounds<Flow>[], subject: Subject, figure: (flow: Flow) => number): number =>
  rounds.find(({ name }) => name === subject.name)?.median(figure) ?? 0
const speedOf = (rounds: Rounds<Flow>[], subject: Subject): number =>
  medianOf(rounds, subject, ({ perSecond }) => perSecond)
const cpuOf = (rounds: Rounds<Flow>[], subject: Subject): number =>
  medianOf(rounds, subject, ({ cpuPer1000 }) => cpuPer1000)

function tableOf(rounds: Rounds<Flow>[]): Table {
  const bare = speedOf(rounds, bareLoop)
  const fetching = speedOf(rounds, bareFetch)
  return {
    title: 'Medians of the rounds',
    columns: [
      { key: 'subject', head: 'subject' },
      { key: 'perSecond', head: 'replies/s' },
      { key: 'ofBare', head: 'of bare', digits: 2 },
      { key: 'ofFetch', head: 'of fetch', digits: 2 },
      { key: 'cpu', head: 'CPU s/1000', digits: 3 },
      { key: 'core', head: 'core %' },
      { key: 'memory', head: 'MB' },
      { key: 'p50', head: 'p50 ms', digits: 1 },
      { key: 'p99', head: 'p99 ms', digits: 1 },
      { key: 'peers', head: 'peers %' },
      { key: 'others', head: 'others %' },
      { key: 'rounds', head: 'rounds' },
    ],
    rows: rounds.map((result) => ({
      subject: result.name,
      perSecond: result.median(({ perSecond }) => perSecond),
      ofBare: result.median(({ perSecond }) => perSecond) / bare,
      ofFetch: result.median(({ perSecond }) => perSecond) / fetching,
      cpu: result.median(({ cpuPer1000 }) => cpuPer1000),
      core: result.median(({ coreShare }) => coreShare) * 100,
      memory: result.median(({ memoryMb }) => memoryMb),
      p50: result.median(({ p50Ms }) => p50Ms),
      p99: result.median(({ p99Ms }) => p99Ms),
      peers: result.median(({ peersShare }) => peersShare) * 100,
      others: result.median(({ othersShare }) => othersShare) * 100,
      rounds: result.counted.length,
    })),
  }
}

function comparisons(rounds: Rounds<Flow>[]): string[] {
  const onPostgres = parleyOnPostgres()
  const sdk = speedOf(rounds, parleyOnSqlite) / speedOf(rounds, grammyWithSdk)
  const recipe = cpuOf(rounds, usualRecipe) / cpuOf(rounds, onPostgres)
  return [
    `${parleyOnSqlite.name}: ${sdk.toFixed(2)} × the replies of ${grammyWithSdk.name}.`,
    `${onPostgres.name}: ${recipe.toFixed(2)} × less CPU for a reply than ${usualRecipe.name}.`,
  ]
}
