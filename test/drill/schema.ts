import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../../deploy/steps/run.ts'
import type { Town } from '../crash/town.ts'
import { startProcess } from './process.ts'
import type { Release } from './release.ts'

export interface SchemaNeeds {
  from: Release
  to: Release
  town: Town
  /** A process of the new release brings it, the first that starts; else `migrate up` does. */
  byStart: boolean
  say(line: string): void
}

/**
 * The new release looks at the schema of the old one, which runs, and brings it up to its own; then the old one is asked whether
 * it would still start. Returns what was not as it should be.
 */
export async function expandSchema({ from, to, town, byStart, say }: SchemaNeeds): Promise<string[]> {
  const wrong: string[] = []
  const applied = async (): Promise<string> => {
    const rows = await town.database?.ask('select name from kysely_migration order by name')
    return (rows ?? []).map(({ name }) => String(name)).join(' ')
  }
  const before = await applied()
  const missing = (await migrate(to, town, 'status')).filter(({ appliedAt }) => appliedAt === undefined)
  if ((await applied()) !== before) wrong.push('migrate status changed the schema')
  if (byStart) wrong.push(...(await startOnce(to, town)))
  else await migrate(to, town, 'up')
  const after = await applied()
  const added = after.split(' ').filter((name) => !before.split(' ').includes(name))
  say(`the new version adds to the schema: ${added.join(', ') || 'nothing'}`)
  const expected = missing.map(({ name }) => name).join(', ')
  if (added.join(', ') !== expected) wrong.push(`added was ${added.join(', ')}, not ${expected}`)
  await migrate(from, town, 'up')
  if ((await applied()) !== after) wrong.push('migrate up of the old version changed the newer schema')
  return wrong
}

async function startOnce(release: Release, { folder, env }: Town): Promise<string[]> {
  const faults: string[] = []
  const onFault = (what: string): void => void faults.push(what)
  const place = { name: 'the first', role: 'worker' } as const
  const first = await startProcess({ place, release, folder, env, onFault })
  await first.ready(60_000)
  await first.stop()
  return faults
}

interface Migration {
  name: string
  appliedAt?: number
}

async function migrate({ main, env }: Release, town: Town, ...args: string[]): Promise<Migration[]> {
  const variables = Object.entries({ ...town.env, ...env }).map(([name, value]) => `${name}=${value}`)
  const said = await run('env', [
    '-C',
    town.folder,
    ...variables,
    process.execPath,
    main,
    'migrate',
    ...args,
    '--json',
  ])
  return JSON.parse(said)
}

/** To a copy of the present code: one migration more, as a later version would bring it. */
export function addExpandingMigration(folder: string): void {
  const migrations = join(folder, 'src/store/migrations')
  const text = `import type { Kysely } from 'kysely'

export const change = 'expands'

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const table of ['conversations', 'messages']) {
    await db.schema.alterTable(table).addColumn('of_later', 'text').execute()
    await db.schema.alterTable(table).addColumn('count_of_later', 'bigint', (c) => c.notNull().defaultTo(0)).execute()
  }
}

export async function down(db: Kysely<unknown>): Promise<void> {
  for (const table of ['conversations', 'messages'])
    for (const column of ['of_later', 'count_of_later']) await db.schema.alterTable(table).dropColumn(column).execute()
}
`
  writeFileSync(join(migrations, '9999_drill.ts'), text)
  const index = join(migrations, 'index.ts')
  const list = readFileSync(index, 'utf8').replace(/\n\}\n*$/, "\n  '9999_drill': drill,\n}\n")
  writeFileSync(index, `import * as drill from './9999_drill.ts'\n${list}`)
}
