import { migrate, openStore, type DatabaseOptions } from '../../src/store/open.ts'
import { token } from '../subjects/subject.ts'

/** Messages of each conversation that is made up. */
export const messagesEach = 50

/** The chat of the first conversation made up; the others follow. */
export const firstChat = 500_000_000

/** Ids like those the store makes, but told by a number. */
const id = (kind: number, number: string): string =>
  `'0000000${kind}-0000-7000-8000-' || cast(100000000000 + ${number} as text)`

const chatOf = (number: string): string => `cast(${firstChat} + ${number} as text)`

const counted = (name: string, from: number, to: string): string =>
  `${name} (n) as (select ${from} union all select n + 1 from ${name} where n < ${to})`

const question = `'Please tell me something interesting, number ' || cast(messages.n as text)`
const reply = `'${'This is the whole answer of a model, as long as the other answers of this benchmark are. '.repeat(3)}'`
const trace = `'${JSON.stringify({ model: 'compatible/fake', finish: 'stop', words: 'x'.repeat(350) })}'`

/** When the first of it was said: too young to be deleted meanwhile. A minute between two messages. */
const since = Date.now() - 30 * 86_400_000

/**
 * Statements that store `conversations` conversations of fifty messages each, twenty-five turns, as the store itself
 * would have. The same text for both databases.
 */
export function historyStatements(conversations: number): string[] {
  const account = token.split(':')[0]
  const people = `with recursive ${counted('people', 0, String(conversations - 1))}`
  const said = `${people}, ${counted('messages', 1, String(messagesEach))}`
  const turns = `${people}, ${counted('turns', 1, String(messagesEach / 2))}`
  const turnId = (turn: string): string => id(3, `people.n * ${messagesEach / 2} + ${turn}`)
  const isQuestion = 'messages.n % 2 = 1'
  return [
    `insert into contacts (id, channel, platform_id, name, language, blocked, created_at)
     ${people} select ${id(1, 'n')}, 'telegram', ${chatOf('n')}, 'Ann', 'en', 0, ${since} from people`,

    `insert into conversations (id, channel, account, chat_id, thread_id, kind, contact_id, title, status, epoch, language,
       summary, summary_seq, last_seq, pending_since, turn_after, turn_attempts, lease_token, lease_until, lane_token,
       lane_until, created_at, updated_at)
     ${people} select ${id(2, 'n')}, 'telegram', '${account}', ${chatOf('n')}, '', 'private', ${id(1, 'n')},
       'Please tell me something interesting', 'bot', 0, 'en', '', 0, ${messagesEach}, null, 0, 0, null, 0, null, 0,
       ${since}, ${since} from people`,

    `insert into messages (conversation_id, seq, author, contact_id, kind, text, buttons, language, platform_id, update_id,
       extra, state, turn_id, attempts, next_at, plain, suspect, error, created_at, settled_at)
     ${said} select ${id(2, 'people.n')}, messages.n, case when ${isQuestion} then 'contact' else 'bot' end,
       case when ${isQuestion} then ${id(1, 'people.n')} end, 'text',
       case when ${isQuestion} then ${question} else ${reply} end, null,
       case when ${isQuestion} then null else 'en' end, cast(messages.n as text),
       case when ${isQuestion} then 'old-' || cast(messages.n as text) end,
       case when ${isQuestion} then '{}' end, case when ${isQuestion} then 'handled' else 'sent' end,
       ${turnId('(messages.n - 1) / 2')}, 1, 0, 0, 0, null, ${since} + messages.n * 60000, ${since} + messages.n * 60000
     from people cross join messages`,

    `insert into turns (id, conversation_id, attempt, source, confidence, trace, input_tokens, output_tokens,
       cost_micro_usd, duration_ms, started_at)
     ${turns} select ${turnId('turns.n - 1')}, ${id(2, 'people.n')}, 1, 'assistant', 0.9, ${trace}, 40, 50, 0, 66,
       ${since} + turns.n * 120000 from people cross join turns`,
  ]
}

/** Makes the store's own schema and fills it with `conversations` conversations. */
export async function fill(options: DatabaseOptions, conversations: number): Promise<void> {
  const store = await openStore(options, { onConnectionError: () => undefined })
  await migrate(options, store)
  await store.close()
  if (options.kind === 'sqlite') await fillSqlite(options.path, conversations)
  else await fillPostgres(options.url, conversations)
}

async function fillSqlite(path: string, conversations: number): Promise<void> {
  const { default: BetterSqlite3 } = await import('better-sqlite3')
  const db = new BetterSqlite3(path)
  db.pragma('cache_size = -200000')
  db.transaction(() => historyStatements(conversations).forEach((sql) => db.exec(sql)))()
  db.pragma('wal_checkpoint(TRUNCATE)')
  db.close()
}

async function fillPostgres(url: string, conversations: number): Promise<void> {
  const { default: pg } = await import('pg')
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  for (const sql of historyStatements(conversations)) await client.query(sql)
  await client.query('vacuum analyze')
  await client.end()
}
