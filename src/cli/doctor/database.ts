import { existsSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { findLeftBehind } from '../../app/left-behind.ts'
import type { DatabaseConfig } from '../../config/config.ts'
import { ParleyError } from '../../model/errors.ts'
import { openCopies } from '../../store/copy.ts'
import { openStore } from '../../store/open.ts'
import type { Store } from '../../store/store.ts'
import { findObstacle } from './folder.ts'
import { fail, failure, type Item, ok, reasonOf, skip, warn } from './item.ts'

/**
 * The database answers and has the schema of this version; nothing is created or changed. `embedded`: where the embedded one
 * is, or was.
 */
export async function checkDatabase(
  config: DatabaseConfig,
  embedded: string,
  more: (store: Store) => Promise<Item[]>,
): Promise<Item[]> {
  const first = await checkUnopened(config, embedded)
  if (first) return first
  const store = await openStore(config, { onConnectionError: () => undefined })
  try {
    await store.check()
    const { failed } = await store.read.messages.backlog()
    return [
      ok('database', nameOf(config)),
      judgeSchema(await store.schemaAhead()),
      deadLetters(failed),
      ...(await more(store)),
    ]
  } catch (error) {
    return unusable(config, error)
  } finally {
    await store.close()
  }
}

/** The database, where it is there and ours; throws when it is not as this version wants it. */
export async function openUsable(config: DatabaseConfig, embedded: string): Promise<Store | undefined> {
  if (await checkUnopened(config, embedded)) return undefined
  const store = await openStore(config, { onConnectionError: () => undefined })
  try {
    await store.check()
    return store
  } catch (error) {
    await store.close()
    throw error
  }
}

const checkUnopened = (config: DatabaseConfig, embedded: string): Promise<Item[] | undefined> =>
  config.kind === 'sqlite' ? checkUntouched(config) : checkLeftBehind(config, embedded)

type Embedded = Extract<DatabaseConfig, { kind: 'sqlite' }>

/** What can be said of a database file that opening would make or change. */
async function checkUntouched(config: Embedded): Promise<Item[] | undefined> {
  const { path } = config
  if (!existsSync(path)) {
    const obstacle = await findObstacle(dirname(path))
    return obstacle === undefined
      ? [ok('database', `${path} will be made at the first start`), skip('schema', 'no database yet')]
      : [fail('database', obstacle, adviceFor(config))]
  }
  if (await isForeign(config))
    return [
      fail(
        'database',
        `${path} is the database of another program`,
        'set DATABASE_PATH to a file of its own',
      ),
    ]
  if (!(await wouldWrite(path))) return undefined
  return [
    ok('database', `${path} will be prepared at the first start`),
    skip('schema', 'told after the first start'),
  ]
}

/**
 * Whether a server may have it open: beside the embedded one SQLite keeps a log while anybody has. To be asked before it is
 * opened here.
 */
export const mayBeInUse = (config: DatabaseConfig): boolean =>
  config.kind !== 'sqlite' || existsSync(`${config.path}-wal`)

/** Before that is moved, tables and what is in them are nothing to look at. */
async function checkLeftBehind(config: DatabaseConfig, embedded: string): Promise<Item[] | undefined> {
  const [left] = await findLeftBehind(config, embedded)
  return left && [fail('database', left.found, left.next)]
}

/** Tables are in it, and none that a migration of ours made. One that cannot be read is told when it is opened. */
async function isForeign(config: Embedded): Promise<boolean> {
  const copies = await openCopies(config, '')
  if ((await copies.occupation()) !== 'used') return false
  return copies.installation().then(
    (installation) => installation === undefined,
    () => false,
  )
}

/**
 * Whether opening would write: into an empty file, or to switch a database to WAL, which byte 18 tells
 * (https://sqlite.org/fileformat2.html#file_format_version_numbers).
 */
async function wouldWrite(path: string): Promise<boolean> {
  const file = await open(path)
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(19), 0, 19, 0)
    return bytesRead === 0 || (buffer.toString('latin1', 0, 15) === 'SQLite format 3' && buffer[18] === 1)
  } finally {
    await file.close()
  }
}

function unusable(config: DatabaseConfig, error: unknown): Item[] {
  const code = error instanceof ParleyError ? error.code : undefined
  if (code === 'SCHEMA_BEHIND')
    return [
      ok('database', nameOf(config)),
      fail('schema', 'behind: migrations of this version are missing', 'parley migrate up'),
    ]
  if (code === 'SCHEMA_UNKNOWN') {
    const said =
      error instanceof ParleyError && error.diagnosis
        ? failure('schema', error, '')
        : fail('schema', `ahead: ${reasonOf(error)}`, 'start the version that wrote it, or a newer one')
    return [ok('database', nameOf(config)), said]
  }
  return [failure('database', error, adviceFor(config))]
}

/** An older version works on it: it was taken back, or the newer one is being set. */
function judgeSchema(ahead: string[]): Item {
  if (ahead.length === 0) return ok('schema', 'as this version wants it')
  return ok('schema', `ahead, compatible: a newer version added ${ahead.join(', ')}, this one works on it`)
}

function deadLetters(count: number): Item {
  if (count === 0) return ok('dead letters', 'none')
  return warn(
    'dead letters',
    `${count} ${count === 1 ? 'reply' : 'replies'} could not be delivered`,
    'parley outbox shows why, and sends them again',
  )
}

export function adviceFor(config: DatabaseConfig): string {
  return config.kind === 'sqlite'
    ? 'check that DATABASE_PATH names a database file this user may write'
    : 'check DATABASE_URL, that the server runs, and that it lets this user in'
}

function nameOf(config: DatabaseConfig): string {
  return config.kind === 'sqlite'
    ? `SQLite answers, ${config.path}`
    : `PostgreSQL answers at ${new URL(config.url).host}`
}
