import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { MigrationList } from '../../src/store/migrations/index.ts'
import { createMigrations } from '../../src/store/open.ts'
import { createLog } from '../../src/ops/log.ts'
import { bootApp, type TestApp } from '../support/app.ts'
import { closedSchema, nextSchema } from '../support/next-schema.ts'
import { createDatabase, databaseKinds } from '../support/stores.ts'

describe.each(databaseKinds)('this version beside a newer one, on %s', (kind) => {
  let place: Awaited<ReturnType<typeof createDatabase>>
  const booted: TestApp[] = []
  beforeEach(async () => {
    place = await createDatabase(kind)
  })
  afterEach(async () => {
    for (const app of booted.splice(0)) await app.close()
    await place.drop()
  })

  const migrateTo = async (list: MigrationList): Promise<void> => {
    const migrations = await createMigrations(place.options, list)
    await migrations.up()
    await migrations.close()
  }
  const env = (): Record<string, string> =>
    place.options.kind === 'sqlite'
      ? { DATABASE_PATH: place.options.path }
      : { DATABASE_URL: place.options.url }

  const boot = async (lines: string[] = []): Promise<TestApp> => {
    const log = createLog('warn', (line) => lines.push(line))
    const app = await bootApp({ env: env(), log })
    booted.push(app)
    return app
  }
  const readiness = async ({ app }: TestApp): Promise<number> => (await fetch(`${app.address}/readyz`)).status

  test('starts on what that expanded, says so, and answers', async () => {
    await migrateTo(nextSchema)
    const lines: string[] = []
    const { app } = await boot(lines)
    expect(lines.join('')).toMatch(/"migrations":\["9998_expands"\],"message":"a newer version migrated/)
    expect((await app.call('/help', () => undefined)).replies).not.toEqual([])
  })

  test('stays ready while that expands, is not ready any more once it contracts, and starts no more', async () => {
    const app = await boot()
    expect(await readiness(app)).toBe(200)
    await migrateTo(nextSchema)
    // An answer of the database is passed on for a second.
    await new Promise((resolve) => setTimeout(resolve, 1100))
    expect(await readiness(app)).toBe(200)
    expect((await app.app.call('/help', () => undefined)).replies).not.toEqual([])
    await migrateTo(closedSchema)
    await expect.poll(() => readiness(app), { timeout: 5000 }).toBe(503)
    await expect(boot()).rejects.toMatchObject({ code: 'SCHEMA_UNKNOWN' })
  })
})
