import BetterSqlite3 from 'better-sqlite3'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compile, type StatementText, type Syntax } from '../../src/store/dialect/dialect.ts'
import { planning } from '../../src/store/dialect/postgres/database.ts'
import { postgresSyntax } from '../../src/store/dialect/postgres/syntax.ts'
import { forOneRow, sqliteSyntax } from '../../src/store/dialect/sqlite/syntax.ts'
import { endMessages, endReplies } from '../../src/store/accounts.ts'
import { byChat, byId } from '../../src/store/conversations.ts'
import * as edits from '../../src/store/edits.ts'
import * as inbox from '../../src/store/inbox-statements.ts'
import { callsTaken, lockContact, takeCalls } from '../../src/store/limit-statements.ts'
import { page, said, since, withButtons } from '../../src/store/messages.ts'
import * as contacts from '../../src/store/people-statements.ts'
import * as retention from '../../src/store/retention-statements.ts'
import * as outbox from '../../src/store/outbox-statements.ts'
import * as turns from '../../src/store/turn-statements.ts'
import * as waiting from '../../src/store/waiting-statements.ts'
import { createTestStore, type TestStore } from '../support/stores.ts'

const isStatement = (value: unknown): value is StatementText =>
  typeof value === 'object' && value !== null && 'sql' in value
/** A row for each day, a row for each lease: read from end to end once a day. */
const small = new Set(['dropBudgetDays', 'dropLeases'])
const statements: [string, StatementText][] = Object.entries({
  ...inbox,
  ...edits,
  ...turns,
  ...outbox,
  ...waiting,
  said,
  page,
  since,
  withButtons,
  byId,
  byChat,
  lockContact,
  takeCalls,
  callsTaken,
  ...contacts,
  ...retention,
}).flatMap(([name, value]) =>
  isStatement(value) && !small.has(name) ? [[name, value] as [string, StatementText]] : [],
)

/** Those of every message are right from the start: PostgreSQL keeps a plan it made while a table was small. */
const sizes = [
  { people: 300, statements: statements.filter(([name]) => !(name in retention)) },
  { people: 5000, statements },
]

describe('statements of every message find their rows by an index, on sqlite', () => {
  let place: TestStore
  let database: BetterSqlite3.Database
  beforeAll(async () => {
    place = await createTestStore('sqlite')
    database = new BetterSqlite3(place.options.kind === 'sqlite' ? place.options.path : '')
  })
  afterAll(async () => {
    database.close()
    await place.drop()
  })

  test.each(statements)('%s', (_, statement) => {
    const text = textOf(statement)
    const plan = database.prepare<unknown[], { detail: string }>(`explain query plan ${text.sql}`)
    const rows = plan.all(...text.values)
    const scans = rows
      .map(({ detail }) => detail)
      // `page` and `oldest` are the few rows of a subquery with a limit.
      .filter((detail) => /^SCAN (?!CONSTANT|json_each|accounts|up_to|found|page|oldest)/.test(detail))
    // What waits is a table of its own: the partial index holds nothing else. A new parent row is compared with its children
    // only where a deferred foreign key was violated before, which none is.
    expect(scans.filter((detail) => !/messages_(received|lane)|handoffs/.test(detail))).toEqual([])
    // Nobody's history is read to find what waits in it.
    const found = rows.map(({ detail }) => detail).filter((detail) => /head USING/.test(detail))
    expect(found.filter((detail) => !/messages_(received|lane)/.test(detail))).toEqual([])
  })

  test('what is said, and what an edit names, is looked for in a stretch of one conversation', () => {
    for (const statement of [said, edits.findNamed]) {
      const { sql, values } = textOf(statement)
      const plan = database.prepare<unknown[], { detail: string }>(`explain query plan ${sql}`).all(...values)
      expect(plan[0]?.detail).toMatch(/PRIMARY KEY \(conversation_id=\? AND seq>\?/)
    }
  })

  function textOf(statement: StatementText): { sql: string; values: null[] } {
    const isOverRows = usesRows(statement)
    const row = isOverRows ? forOneRow(statement.sql).sql : statement.sql(sqliteSyntax)
    const { text, names } = compile({ sql: () => row }, sqliteSyntax, 'anonymous')
    return { sql: text, values: names.map(() => null) }
  }
})

describe.each(sizes)('statements find their rows by an index among $people people, on postgres', (size) => {
  let place: TestStore
  let client: Client
  beforeAll(async () => {
    place = await createTestStore('postgres')
    const url = place.options.kind === 'postgres' ? place.options.url : ''
    client = new Client({ connectionString: url, options: planning })
    await client.connect()
    await client.query(fill(size.people))
    await client.query('analyze')
    await client.query('set plan_cache_mode = force_generic_plan')
  }, 60_000)
  afterAll(async () => {
    await client.end()
    await place.drop()
  })

  test.each(size.statements)('%s', async (name, statement) => {
    const { text, names } = compile(statement, postgresSyntax, 'numbered')
    await client.query(`prepare ${name} as ${text}`)
    const values = names.length > 0 ? `(${names.map(() => 'null').join(', ')})` : ''
    const plan = await client.query<{ 'QUERY PLAN': string }>(`explain execute ${name} ${values}`)
    const scans = plan.rows.map((row) => row['QUERY PLAN']).filter((line) => /Seq Scan/.test(line))
    expect(scans).toEqual([])
    if (name === 'said' || name === 'findNamed')
      expect(plan.rows.map((row) => row['QUERY PLAN']).join('\n')).toMatch(
        /Index Cond: .*conversation_id.*seq >/,
      )
  })
})

/** A statement about `found` rows in a backlog, which may look at `read` in any step of its plan. */
interface Backlogged {
  statement: StatementText
  values: Record<string, string | number>
  found: number
  read: number
  /** What else has happened by then: SQL. */
  after?: string
}

/**
 * Where more comes than is answered, statements keep the plan of when nothing waited: it must not compare all that waits with each
 * row, nor read everybody, nor the history of those it is about.
 */
describe.each([
  ['of a database with statistics', 5000, 'analyze'],
  ['of a young one', 5, 'select 1'],
])('in a backlog a statement reads what it is about, on postgres by plans %s', (_, people, look) => {
  const backlog = 1500
  const chats = 90
  let place: TestStore
  let client: Client
  const [now, latest, until, own, token, limit] = [1000, 100_000, 2000, '', 'x', 1000]
  const free = { now, latest, own }
  const accounts = JSON.stringify([{ channel: 'telegram', account: '1' }])
  const rows = (more: object): string =>
    JSON.stringify(
      Array.from({ length: chats }, (_each, index) => index + 6001).map((n) => ({
        id: `c${n}`,
        token,
        turn_id: `t${n}`,
        ...more,
      })),
    )
  const wanted = rows({})
  const commits = rows({ epoch: 0, through: 10, replies: 1, language: 'en', sends: 1 })
  const outcomes = rows({ seq: 2, state: 'sent', platform_id: '7', next_at: now, plain: 0, uncount: 0 })
  const many = { found: limit, read: 2 * backlog }
  const few = { found: chats, read: 3 * chats }
  const theirs = `in (select 'c' || n from generate_series(6001, ${6000 + chats}) n)`
  const held = `update conversations set lease_token = '${token}', lane_token = '${token}' where id ${theirs}`
  const queued = `where state = 'queued' and conversation_id ${theirs}`
  const marked = `update messages set state = 'sending', turn_id = 't' || substr(conversation_id, 2) ${queued}`
  const asked: Record<string, Backlogged> = {
    waiting: { statement: turns.waiting, values: { accounts, ...free, limit }, ...many },
    dueLanes: { statement: outbox.dueLanes, values: { accounts, ...free, limit }, ...many },
    takeLeases: { statement: turns.takeLeases, values: { wanted, token, until, ...free }, ...few },
    laterTurns: {
      statement: turns.laterTurns,
      values: { wanted, now, latest },
      after: `update conversations set turn_after = 5000 where id ${theirs}`,
      ...few,
    },
    pendingMessages: { statement: turns.pendingMessages, values: { wanted }, ...few },
    handleMessages: { statement: turns.handleMessages, values: { commits, now }, ...few },
    commitLeases: {
      statement: turns.commitLeases,
      values: { commits, now, lane_until: until, latest },
      after: held,
      ...few,
    },
    claimedReplies: {
      statement: turns.claimedReplies,
      values: { commits },
      after: `${held}; ${marked}`,
      ...few,
    },
    takeLanes: { statement: outbox.takeLanes, values: { wanted, token, until, ...free }, ...few },
    laterLanes: { statement: outbox.laterLanes, values: { wanted, soon: now, ...free }, ...few },
    doubtSending: { statement: outbox.doubtSending, values: { wanted }, after: marked, ...few },
    sendHeads: { statement: outbox.sendHeads, values: { wanted, now }, ...few },
    recordOutcomes: { statement: outbox.recordOutcomes, values: { outcomes, token }, after: held, ...few },
    moveLanes: { statement: outbox.moveLanes, values: { wanted, due: now, until }, after: held, ...few },
    hastenReplies: {
      statement: outbox.hastenReplies,
      values: { wanted, now, soon: until },
      after: `update messages set error = 'away', next_at = 90000 ${queued}`,
      ...few,
    },
    endMessages: { statement: endMessages, values: { wanted, now }, ...few },
    endReplies: { statement: endReplies, values: { wanted, now }, ...few },
  }
  const prepared = new Map<string, string[]>()
  beforeAll(async () => {
    place = await createTestStore('postgres')
    const url = place.options.kind === 'postgres' ? place.options.url : ''
    client = new Client({ connectionString: url, options: planning })
    await client.connect()
    for (const table of ['messages', 'conversations'])
      await client.query(`alter table ${table} set (autovacuum_enabled = off)`)
    await client.query(fill(people))
    await client.query(look)
    await client.query('set plan_cache_mode = force_generic_plan')
    for (const [name, one] of Object.entries(asked)) {
      const { text, names } = compile(one.statement, postgresSyntax, 'numbered')
      await client.query(`prepare ${name} as ${text}`)
      prepared.set(name, names)
      await run(name, one)
    }
    await client.query(fill(6000 + backlog, people + 1))
    await client.query(
      `update messages set state = case when seq = 1 then 'received' else 'queued' end
       where seq < 3 and conversation_id in (select 'c' || n from generate_series(6001, ${6000 + backlog}) n)`,
    )
  }, 60_000)
  afterAll(async () => {
    await client.end()
    await place.drop()
  })

  test.each(Object.entries(asked))('%s', async (name, one) => {
    const plan = await run(name, one)
    expect(foundBy(plan)).toBe(one.found)
    expect(mostOf(plan)).toBeLessThan(one.read)
  })

  /** Runs it as it was prepared, and undoes it. */
  async function run(name: string, { values, after = '' }: Backlogged): Promise<Node> {
    const literals = (prepared.get(name) ?? []).map((each) => client.escapeLiteral(String(values[each])))
    await client.query('begin')
    try {
      await client.query(after)
      const plans = await client.query<{ 'QUERY PLAN': [{ Plan: Node }] }>(
        `explain (analyze, format json) execute ${name} (${literals.join(', ')})`,
      )
      const [plan] = plans.rows.map((row) => row['QUERY PLAN'][0].Plan)
      if (!plan) throw new Error(`no plan of ${name}`)
      return plan
    } finally {
      await client.query('rollback')
    }
  }
})

/** A node of a plan that was run (postgresql.org/docs/current/using-explain.html): rows are those of one loop. */
interface Node {
  'Node Type': string
  'Actual Rows': number
  'Actual Loops': number
  'Rows Removed by Filter'?: number
  'Rows Removed by Join Filter'?: number
  Plans?: Node[]
}

/** Rows of the answer; of an update those it changed, which it need not tell. */
const foundBy = ({ Plans: [first] = [], ...node }: Node): number =>
  (node['Node Type'] === 'ModifyTable' ? first : node)?.['Actual Rows'] ?? 0

/** The most rows that one of its steps looked at, those thrown away as well. */
function mostOf(node: Node): number {
  const removed = (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Join Filter'] ?? 0)
  const own = (node['Actual Rows'] + removed) * node['Actual Loops']
  return Math.max(own, ...(node.Plans ?? []).map(mostOf))
}

/** Whether a statement is for `Session.each`. */
function usesRows(statement: StatementText): boolean {
  let found = false
  const note = (): string => {
    found = true
    return ''
  }
  const watching: Syntax = { ...sqliteSyntax, from: note, beside: note, forEach: note, messagesOfEach: note }
  statement.sql(watching)
  return found
}

/** People, each with a conversation of ten messages. */
const fill = (people: number, first = 1): string => `
  insert into contacts (id, channel, platform_id, name, blocked, created_at)
    select 'p' || n, 'telegram', n::text, 'Ann', 0, 1 from generate_series(${first}, ${people}) n;
  insert into conversations (id, channel, account, chat_id, thread_id, kind, contact_id, title, status, epoch, summary,
      summary_seq, last_seq, turn_after, turn_attempts, lease_until, lane_until, created_at, updated_at)
    select 'c' || n, 'telegram', '1', n::text, '', 'private', 'p' || n, '', 'bot', 0, '', 0, 10, 0, 0, 0, 0, 1, 1
    from generate_series(${first}, ${people}) n;
  insert into messages (conversation_id, seq, author, contact_id, kind, text, platform_id, update_id, state, attempts,
      next_at, plain, suspect, created_at)
    select 'c' || n, s, 'contact', 'p' || n, 'text', 'words', s::text, s::text, 'handled', 0, 0, 0, 0, 1
    from generate_series(${first}, ${people}) n, generate_series(1, 10) s;
  insert into turns (id, conversation_id, attempt, source, confidence, trace, input_tokens, output_tokens, cost_micro_usd,
      duration_ms, started_at)
    select 't' || n, 'c' || n, 1, 'faq', 1, '{}', 0, 0, 0, 0, 1 from generate_series(${first}, ${people}) n;
  insert into contact_limits (contact_id) select 'p' || n from generate_series(${first}, ${people}) n;
  insert into handoffs (id, conversation_id, contact_id, reason, summary, status, created_at)
    select 'h' || n, 'c' || n, 'p' || n, 'asked', '', 'done', 1 from generate_series(${first}, ${people}) n;
`
