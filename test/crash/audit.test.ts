import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { execute, query } from '../support/sql.ts'
import { createTestStore, databaseKinds, type TestStore } from '../support/stores.ts'
import { type Ask, startAudit } from './audit.ts'

/** The faults of one look at the end. */
async function faultsOf(ask: Ask): Promise<{ faults: string[]; looks: number }> {
  const faults: string[] = []
  const audit = startAudit({ ask, database: undefined }, (what) => faults.push(what))
  await audit.end()
  return { faults, looks: audit.looks() }
}

const day = { day: '2026-11-27', spent: 1, reserved: 0 }
/** Tables in which only these queries find something. */
const finding =
  (what: RegExp, row: Record<string, unknown>): Ask =>
  async (sql) => {
    if (!sql.includes('where')) return [day]
    return what.test(sql) ? [row] : []
  }

test('tables that keep their rules are no fault, and counted', async () => {
  expect(await faultsOf(finding(/nothing/, {}))).toEqual({ faults: [], looks: 1 })
})

test.each<[string, Ask]>([
  ['a day that breaks its rule', finding(/budget_days/, day)],
  ['tables in which nothing was written', async () => []],
  ['tables that cannot be looked at', () => Promise.reject(new Error('no such table'))],
])('a fault is %s', async (_, ask) => {
  expect((await faultsOf(ask)).faults).toEqual([expect.any(String)])
})

describe.each(databaseKinds)('in tables of %s, once everything is over', (kind) => {
  let place: TestStore
  beforeAll(async () => {
    place = await createTestStore(kind)
    const to = { channel: 'telegram', account: '1', chatId: '7', threadId: '', kind: 'private' } as const
    await place.store.write((tx) => tx.outbox.post(to, { text: 'hi', buttons: undefined }, 'sent', 1000))
    await execute(place.options, "insert into budget_days values ('2026-11-27', 1, 0, 1, 1, 1, 0, 0)")
  })
  afterAll(() => place.drop())

  test.each<[string, string, RegExp[]]>([
    ['nothing', "messages set state = 'sent'", []],
    ['a message without an end', "messages set state = 'received'", [/^messages: .*"received"/]],
    ['a reply that waits', "messages set state = 'queued'", [/^messages: .*"queued"/]],
    ['a reply in doubt', "messages set state = 'sending'", [/^messages: .*"sending"/]],
    ['a dead letter', "messages set state = 'failed'", [/^messages: .*"failed"/]],
    ['a reply that is held', "messages set state = 'uncertain'", [/^messages: .*"uncertain"/]],
    ['a lane somebody holds', "conversations set lane_token = 'x'", [/^conversations: .*"lane_token":"x"/]],
    ['a turn somebody holds', "conversations set lease_token = 'x'", [/^conversations: .*"lease_token":"x"/]],
  ])('it finds %s', async (_, change, found) => {
    await execute(place.options, `update ${change}`)
    const { faults } = await faultsOf((sql) => query(place.options, sql))
    await execute(place.options, "update messages set state = 'sent'")
    await execute(place.options, 'update conversations set lane_token = null, lease_token = null')
    expect(faults).toEqual(found.map((pattern): unknown => expect.stringMatching(pattern)))
  })
})
