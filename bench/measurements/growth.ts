import { setTimeout as sleep } from 'node:timers/promises'
import { join } from 'node:path'
import type { DatabaseOptions } from '../../src/store/open.ts'
import { closedLoop, openLoop, type Pace } from '../flow.ts'
import { fill, firstChat, messagesEach } from '../growth/history.ts'
import { type PageTimes, timePages } from '../growth/pages.ts'
import type { Plan } from '../growth/plan.ts'
import { loggingSettings, logPlans, postgresPlans, sqlitePlans } from '../growth/plans.ts'
import { sizesOf } from '../growth/size.ts'
import type { Measurement } from '../measurement.ts'
import type { Table } from '../report/table.ts'
import { alternate, disturbanceNotes, type Rounds } from '../rounds.ts'
import { openStage, type Stage } from '../stage.ts'
import { usualRecipe } from '../subjects/compared.ts'
import { parleyOnPostgres, parleyOnSqlite, tracingSqlite } from '../subjects/parley.ts'
import type { Subject } from '../subjects/subject.ts'

const people = 200
/** Conversations that go on during the measurement, spread over all there are. */
const active = 200
/** Half a core on either database: nearer to a full one a turn waits for others more than it takes itself. */
const perSecond = 50
const many = 1_000_000

const both: Subject[] = [parleyOnSqlite, parleyOnPostgres()]

export const growth: Measurement = {
  name: 'growth',
  about: 'bytes stored for a turn; turns and history with a million stored messages; query plans',
  minutes: ({ quick }) => (quick ? 0.2 : 7),
  async run({ quick, rounds: count }, say) {
    const stored = quick ? 20_000 : many
    const parleys = quick ? [parleyOnSqlite] : both
    const sizes: Table['rows'] = []
    for (const subject of quick ? parleys : [...parleys, usualRecipe]) {
      say(`bytes of ${subject.name}`)
      sizes.push(...(await bytesOf(subject, quick)))
    }
    const rounds: Rounds<Result>[] = []
    const plans: { subject: string; plans: Plan[] }[] = []
    for (const subject of parleys) {
      const compared = await compare(subject, { stored, quick, count, say })
      rounds.push(...compared.rounds)
      plans.push({ subject: subject.name, plans: compared.plans })
    }
    return {
      method: [
        `Bytes: tables with their indexes after a closed loop of ${people} people, divided by its turns (one message, one reply).`,
        `Large: ${stored.toLocaleString('en-US')} messages in conversations of ${messagesEach}, ${messagesEach / 2} turns each, stored by SQL through the store's own schema.`,
        `Small: only the ${active} conversations that go on; the same number goes on in the large one, spread evenly over it.`,
        `Both run side by side on the same core and are measured in turn: ${perSecond} messages a second at a fixed rate, model at once;`,
        'then, without load, the last 50 messages of 2,000 conversations read one after the other through the store.',
        'Plans: every statement that Parley ran meanwhile on the large one (SQLite: explain query plan; PostgreSQL: auto_explain).',
      ],
      tables: [sizeTable(sizes), timeTable(rounds), ...plans.map(planTable)],
      notes: [...ratios(rounds), ...scans(plans), ...disturbanceNotes(rounds)],
      rounds,
    }
  },
}

async function bytesOf(subject: Subject, quick: boolean): Promise<Table['rows']> {
  const stage = await openStage(subject)
  try {
    const empty = await sizesOf(stage.subject)
    const flow = await closedLoop(stage, { people, warmUpMs: 0, ms: quick ? 1000 : 10_000 })
    await sleep(1000)
    const grown = [...(await sizesOf(stage.subject))].map(([table, bytes]) => ({
      table,
      kb: (bytes - (empty.get(table) ?? 0)) / flow.replies,
    }))
    const total = grown.reduce((sum, { kb }) => sum + kb, 0)
    return [{ table: 'all', kb: total }, ...grown]
      .filter(({ kb }) => kb >= 0.001)
      .sort((one, other) => other.kb - one.kb)
      .map((row) => ({ subject: subject.name, ...row }))
  } finally {
    await stage.stop()
  }
}

interface Result extends Pace {
  pages: PageTimes
}

interface Case {
  name: string
  stage: Stage
  database: DatabaseOptions
  chats: number[]
}

interface Comparison {
  /** Messages in the large database. */
  stored: number
  quick: boolean
  /** Rounds. */
  count: number
  say: (progress: string) => void
}

async function compare(
  subject: Subject,
  { stored, quick, count, say }: Comparison,
): Promise<{ rounds: Rounds<Result>[]; plans: Plan[] }> {
  const cases: Case[] = []
  try {
    for (const conversations of [active, stored / messagesEach]) {
      const messages = (conversations * messagesEach).toLocaleString('en-US')
      say(`${subject.name}: storing ${messages} messages`)
      cases.push(await openCase(subject, conversations))
    }
    const rounds = await alternate(cases, { rounds: count, say }, (one) => measure(one, quick))
    const large = cases[1]
    return { rounds, plans: large ? await plansOf(large, quick) : [] }
  } finally {
    for (const { stage } of cases) await stage.stop()
  }
}

async function openCase(subject: Subject, conversations: number): Promise<Case> {
  let database: DatabaseOptions | undefined
  const stage = await openStage(subject, {
    adapt: tracingSqlite,
    postgres: loggingSettings,
    async prepare({ folder, databaseUrl }) {
      database = databaseUrl
        ? { kind: 'postgres', url: databaseUrl, poolMin: 1, poolMax: 1 }
        : { kind: 'sqlite', path: join(folder, 'parley.db') }
      await fill(database, conversations)
    },
  })
  if (!database) throw new Error('the database was not prepared')
  const step = Math.floor(conversations / active)
  const chats = Array.from({ length: active }, (_, index) => firstChat + index * step)
  const name = `${subject.name}, ${(conversations * messagesEach).toLocaleString('en-US')} messages`
  return { name, stage, database, chats }
}

async function measure({ stage, database, chats }: Case, quick: boolean): Promise<Result> {
  const pace = await openLoop(stage, {
    perSecond,
    chats,
    warmUpMs: quick ? 300 : 3000,
    ms: quick ? 500 : 15_000,
  })
  return { ...pace, pages: await timePages(database, chats, quick ? 100 : 2000) }
}

/** Plans of what Parley runs; it is stopped for it where it keeps them itself. */
async function plansOf({ stage, database, chats }: Case, quick: boolean): Promise<Plan[]> {
  if (database.kind === 'sqlite') {
    await stage.subject.children[0]?.stop()
    return sqlitePlans(stage.subject.folder)
  }
  await logPlans(stage.subject.databaseUrl)
  await sleep(500)
  await openLoop(stage, { perSecond, chats, warmUpMs: 0, ms: quick ? 500 : 3000 })
  await timePages(database, chats, 10)
  return postgresPlans(stage.subject.databaseFolder)
}

const sizeTable = (rows: Table['rows']): Table => ({
  title: 'Stored for each turn',
  columns: [
    { key: 'subject', head: 'subject' },
    { key: 'table', head: 'table' },
    { key: 'kb', head: 'KB/1000 turns' },
  ],
  rows: rows.map((row) => ({ ...row, kb: (Number(row['kb']) * 1000) / 1024 })),
})

const timeTable = (rounds: Rounds<Result>[]): Table => ({
  title: `Turns at ${perSecond} a second, and a page of history`,
  columns: [
    { key: 'subject', head: 'subject' },
    { key: 'p50', head: 'turn p50 ms', digits: 1 },
    { key: 'p95', head: 'p95 ms', digits: 1 },
    { key: 'cpu', head: 'CPU s/1000', digits: 3 },
    { key: 'page50', head: 'page p50 ms', digits: 3 },
    { key: 'page95', head: 'p95 ms', digits: 3 },
    { key: 'mb', head: 'MB' },
    { key: 'rounds', head: 'rounds' },
  ],
  rows: rounds.map((result) => ({
    subject: result.name,
    p50: result.median(({ ownMs }) => ownMs.p50),
    p95: result.median(({ ownMs }) => ownMs.p95),
    cpu: result.median(({ cpuPer1000 }) => cpuPer1000),
    page50: result.median(({ pages }) => pages.p50),
    page95: result.median(({ pages }) => pages.p95),
    mb: result.median(({ memoryMb }) => memoryMb),
    rounds: result.counted.length,
  })),
})

const planTable = ({ subject, plans }: { subject: string; plans: Plan[] }): Table => ({
  title: `Query plans, ${subject}`,
  columns: [
    { key: 'statement', head: 'statement' },
    { key: 'reads', head: 'reads' },
  ],
  rows: plans.map(({ statement, reads }) => ({ statement, reads: reads.join('; ') })),
})

/** The large one against the small one. */
function ratios(rounds: Rounds<Result>[]): string[] {
  const percent = (value: number): string => `${value >= 0 ? '+' : ''}${Math.round(value * 100)} %`
  return both.flatMap(({ name }, index) => {
    const [small, large] = rounds.slice(index * 2, index * 2 + 2)
    if (!small || !large) return []
    const grown = (figure: (result: Result) => number): string =>
      percent(large.median(figure) / small.median(figure) - 1)
    const turn = grown(({ ownMs }) => ownMs.p50)
    const page = grown(({ pages }) => pages.p50)
    return [
      `${name}, large against small: turn ${turn}, page of history ${page}, CPU ${grown((r) => r.cpuPer1000)}.`,
    ]
  })
}

function scans(all: { subject: string; plans: Plan[] }[]): string[] {
  return all.map(({ subject, plans }) => {
    const found = plans.filter(({ scanned }) => scanned.length > 0)
    const names = found.map(({ statement, scanned }) => `${scanned.join()} by “${statement}”`)
    return found.length === 0
      ? `${subject}: none of ${plans.length} statements reads messages, conversations, contacts or turns from end to end.`
      : `${subject}: read from end to end: ${names.join('; ')}.`
  })
}
