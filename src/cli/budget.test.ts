import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { compiled } from '../../test/support/compiled.ts'
import { dayOf } from '../model/calendar.ts'
import { migrate, openStore } from '../store/open.ts'

const zone = 'Pacific/Kiritimati'
const main = join(import.meta.dirname, '../main.ts')

let cwd = ''
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'parley-budget-'))
  writeFileSync(join(cwd, 'parley.yaml'), `timezone: ${zone}\nmodels: { budget: { daily: 2 } }\n`)
})
afterEach(() => rmSync(cwd, { recursive: true, force: true }))

function budget(...args: string[]) {
  const env = { PATH: '/usr/bin:/bin', NODE_COMPILE_CACHE: compiled, NO_COLOR: '1' }
  const options = { cwd, env, encoding: 'utf8' } as const
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'budget', ...args], options)
  return { status, stdout, stderr }
}

/** Or asks for a call that does not fit into the rest. */
async function spend({ isExhausted = false } = {}): Promise<void> {
  const options = { kind: 'sqlite' as const, path: join(cwd, 'data/parley.db') }
  const store = await openStore(options, { onConnectionError: () => undefined })
  await migrate(options, store)
  const limit = { microUsd: 2_000_000, warnAtMicroUsd: 2_000_000 }
  const one = { model: 'a/b', holder: 'test', createdAt: 0, expiresAt: 0 }
  const day = dayOf(Date.now(), zone)
  await store.write(async (tx) => {
    if (isExhausted) {
      const { marks } = await tx.budget.reserve([{ ...one, id: 'dear', microUsd: 1_900_000 }], day, limit)
      for (const mark of marks) await tx.budget.mark(mark)
      return
    }
    const wanted = [
      { ...one, id: 'settled', microUsd: 700_000 },
      { ...one, id: 'open', microUsd: 30_000 },
    ]
    await tx.budget.reserve(wanted, day, limit)
    const charge = { id: 'settled', model: 'a/b', reservedMicroUsd: 700_000, costMicroUsd: 500_000 }
    await tx.budget.settle([{ ...charge, inputTokens: 12_345, outputTokens: 678 }], limit)
  })
  await store.close()
}

test('a call that did not fit into the rest of the day is told', async () => {
  await spend()
  expect(budget().stdout).not.toContain('did not fit')
  expect(JSON.parse(budget('--json').stdout)).toMatchObject({ exhausted: false })
  await spend({ isExhausted: true })
  expect(budget().stdout).toContain('A call did not fit into that')
  expect(JSON.parse(budget('--json').stdout)).toMatchObject({ exhausted: true })
})

test('today and seven days before, for people and machines', async () => {
  expect(budget()).toMatchObject({ status: 1, stderr: expect.stringContaining('There is no database at') })
  expect(existsSync(join(cwd, 'data/parley.db'))).toBe(false)
  await spend()
  const today = dayOf(Date.now(), zone)
  const { stdout, status } = budget()
  expect(status).toBe(0)
  expect(stdout).toContain(`Limit 2.00 USD a day (${zone}), 1.47 left today`)
  expect(stdout).toMatch(new RegExp(`${today} +0\\.5000 +0\\.0300 +1 +12,345 +678`))
  const found = JSON.parse(budget('--json').stdout)
  expect(found).toMatchObject({
    timezone: zone,
    limitUsd: 2,
    today: { day: today, spentUsd: 0.5, reservedUsd: 0.03, calls: 1, inputTokens: 12_345, outputTokens: 678 },
  })
  expect(found.days).toHaveLength(7)
  expect(found.days[0]).toMatchObject({ spentUsd: 0, calls: 0 })
})
