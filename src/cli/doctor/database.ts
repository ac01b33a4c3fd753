import { existsSync } from 'node:fs'
import { access, constants, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { DatabaseConfig } from '../../config/config.ts'
import { ParleyError } from '../../model/errors.ts'
import { openStore } from '../../store/open.ts'
import { fail, failure, type Item, ok, reasonOf, skip, warn } from './item.ts'

/** The database answers and has the schema of this version; nothing is created or changed. */
export async function checkDatabase(config: DatabaseConfig): Promise<Item[]> {
  if (config.kind === 'sqlite' && !existsSync(config.path)) {
    return [await checkPlace(config), skip('schema', 'no database yet')]
  }
  const store = await openStore(config, { onConnectionError: () => undefined })
  try {
    await store.check()
    const { received, queued, failed } = await store.read.messages.backlog()
    const waiting = `${received} to answer, ${queued} to deliver`
    return [
      ok('database', nameOf(config)),
      ok('schema', 'as this version wants it'),
      deadLetters(failed),
      ok('backlog', waiting),
    ]
  } catch (error) {
    return unusable(config, error)
  } finally {
    await store.close()
  }
}

/** Whether a database file can be made where there is none. */
async function checkPlace(config: { kind: 'sqlite'; path: string }): Promise<Item> {
  let folder = dirname(config.path)
  while (!existsSync(folder)) folder = dirname(folder)
  try {
    if (!(await stat(folder)).isDirectory())
      return fail('database', `${folder} is no folder`, adviceFor(config))
    await access(folder, constants.W_OK)
    return ok('database', `${config.path} will be made at the first start`)
  } catch (error) {
    return fail('database', reasonOf(error), adviceFor(config))
  }
}

function unusable(config: DatabaseConfig, error: unknown): Item[] {
  const code = error instanceof ParleyError ? error.code : undefined
  if (code === 'SCHEMA_BEHIND')
    return [ok('database', nameOf(config)), fail('schema', reasonOf(error), 'parley migrate up')]
  if (code === 'SCHEMA_UNKNOWN') {
    return [
      ok('database', nameOf(config)),
      fail('schema', reasonOf(error), 'start the version that wrote it, or a newer one'),
    ]
  }
  return [failure('database', error, adviceFor(config))]
}

function deadLetters(count: number): Item {
  if (count === 0) return ok('dead letters', 'none')
  return warn(
    'dead letters',
    `${count} could not be delivered or answered`,
    'look for "given up" in the log; it has the reasons',
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
