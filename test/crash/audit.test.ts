import { expect, test } from 'vitest'
import { type Ask, startAudit } from './audit.ts'

/** The faults of one look at the end. */
async function faultsOf(ask: Ask): Promise<{ faults: string[]; looks: number }> {
  const faults: string[] = []
  const audit = startAudit({ ask, database: undefined }, (what) => faults.push(what))
  await audit.end()
  return { faults, looks: audit.looks() }
}

const day = { day: '2026-11-27', spent: 1, reserved: 0 }

test('tables that keep their rules are no fault, and counted', async () => {
  expect(await faultsOf(async (sql) => (sql.includes('where') ? [] : [day]))).toEqual({
    faults: [],
    looks: 1,
  })
})

test.each<[string, Ask]>([
  ['a row that breaks a rule', async () => [day]],
  ['tables in which nothing was written', async () => []],
  ['tables that cannot be looked at', () => Promise.reject(new Error('no such table'))],
])('a fault is %s', async (_, ask) => {
  expect((await faultsOf(ask)).faults).toEqual([expect.any(String)])
})
