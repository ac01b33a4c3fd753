import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DatabaseOptions } from '../../src/store/open.ts'
import { createFakeModels, type FakeModels } from '../fakes/model/server.ts'
import { fakeVendors } from '../fakes/model/vendors.ts'
import { bootApp, type TestApp } from '../support/app.ts'
import { createHome, environmentOf, runCommand } from '../support/backup-command.ts'
import { query } from '../support/sql.ts'
import { createDatabase, databaseKinds } from '../support/stores.ts'

/** BACKUPS=20 is the long form. */
const backups = Number(process.env.BACKUPS ?? 2)
const askersAtOnce = 30

/** What must hold of every moment of a database: each selects what breaks it. */
const rules: Record<string, string> = {
  'a handled message without its turn': `select 1 from messages where author = 'contact' and state = 'handled'
     and (turn_id is null or turn_id not in (select id from turns))`,
  'a turn without its question': `select 1 from turns where id not in (
     select turn_id from messages where author = 'contact' and turn_id is not null)`,
  'a turn without its answer': `select 1 from turns where id not in (
     select turn_id from messages where author = 'bot' and turn_id is not null)`,
  'an answer without its turn': `select 1 from messages where author = 'bot'
     and (turn_id is null or turn_id not in (select id from turns))`,
  'a gap in a conversation': `select 1 from conversations left join (
     select conversation_id, count(*) as count from messages group by conversation_id) counted
     on counted.conversation_id = conversations.id where last_seq <> coalesce(counted.count, 0)`,
  'money promised that nobody holds': `select 1 from budget_days where reserved <> (
     select coalesce(sum(amount), 0) from reservations where reservations.day = budget_days.day)`,
  // More may be spent than turns cost: seen in a crowd, in the source as in its copy.
  'a turn that nobody paid for': `select 1 from budget_days where spent < (
     select coalesce(sum(cost_micro_usd), 0) from turns)`,
}

async function broken(options: DatabaseOptions): Promise<string[]> {
  const found: string[] = []
  for (const [name, sql] of Object.entries(rules))
    if ((await query(options, sql)).length > 0) found.push(name)
  return found
}

let models: FakeModels
beforeAll(async () => {
  models = await createFakeModels()
  models.always({ usage: { input: 30, output: 12, cached: 0 } })
})
afterAll(() => models.close())

describe.each(databaseKinds)('under full load on %s', (kind) => {
  let source: Awaited<ReturnType<typeof createDatabase>>
  let booted: TestApp
  let stopped = false
  let answered = 0
  let load: Promise<unknown>

  beforeAll(async () => {
    source = await createDatabase(kind)
    booted = await bootApp({ env: { ...environmentOf(source.options), ...assistant() } })
    const ask = async (): Promise<void> => {
      while (!stopped) {
        for (const text of ['Tell me something, please.', '/help']) if (await isAnswered(text)) answered += 1
      }
    }
    // So many at once may be too much for a moment.
    const isAnswered = (text: string): Promise<boolean> =>
      booted.app
        .call(text, () => undefined)
        .then(
          () => true,
          async (error: unknown) => {
            expect(error).toMatchObject({ code: 'OVERLOADED' })
            await sleep(100)
            return false
          },
        )
    load = Promise.all(Array.from({ length: askersAtOnce }, ask))
  })
  afterAll(async () => {
    stopped = true
    await load
    await booted.close()
    await source.drop()
  })

  const assistant = (): Record<string, string> => ({
    AI_PROVIDER: 'openai',
    AI_MODEL: fakeVendors.openai.model,
    AI_PRICE: '1/1000',
    OPENAI_API_KEY: fakeVendors.openai.key,
    OPENAI_BASE_URL: models.baseUrl('openai'),
    LLM_DAILY_BUDGET_USD: '1000000',
  })

  test(`${backups} backups, each a moment that really was`, { timeout: 60_000 * backups }, async () => {
    const { home } = booted.config
    const figures: object[] = []
    for (let count = 0; count < backups; count += 1) {
      const before = answered
      const taken = await runCommand(home, ['backup', '--json'], {
        ...environmentOf(source.options),
        ...(count % 2 === 1 && { BACKUP_PASSPHRASE: 'a fake passphrase of tests' }),
      })
      expect(taken.stderr).toBe('')
      const { name, kept, removed, tables } = JSON.parse(taken.stdout)
      const during = answered - before
      expect(kept).toBe(Math.min(7, count + 1))
      expect(removed).toHaveLength(count < 7 ? 0 : 1)

      const target = await createDatabase(kind)
      const place = await createHome()
      const restored = await runCommand(place.home, ['restore', join(home, 'data/backups', name), '--json'], {
        ...environmentOf(target.options),
        ...(name.endsWith('.enc') && { BACKUP_PASSPHRASE: 'a fake passphrase of tests' }),
      })
      expect(restored).toMatchObject({ code: 0, stderr: '' })
      expect(await broken(target.options)).toEqual([])
      const [turns] = await query<{ count: unknown }>(target.options, 'select count(*) as count from turns')
      expect(Number(turns?.count)).toBe(tables.turns)
      expect(Number(turns?.count)).toBeGreaterThanOrEqual(before)
      figures.push({ turns: Number(turns?.count), during })
      await place.remove()
      await target.drop()
    }
    process.stdout.write(`${kind}: ${JSON.stringify(figures)}\n`)
  })

  test('the control: those rules find half a turn', async () => {
    const copy = await createDatabase(kind)
    const other = await bootApp({ env: environmentOf(copy.options) })
    await other.app.call('/help', () => undefined)
    await other.stop()
    expect(await broken(copy.options)).toEqual([])
    await query(copy.options, `delete from messages where author = 'bot'`)
    expect(await broken(copy.options)).toEqual(['a turn without its answer', 'a gap in a conversation'])
    await other.close()
    await copy.drop()
  })
})
