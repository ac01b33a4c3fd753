import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { checkBackup, checkBackupFolder } from './backup.ts'

test('a folder in which no backup can be kept is told where one is wanted', async () => {
  const home = mkdtempSync(join(tmpdir(), 'parley-doctor-'))
  writeFileSync(join(home, 'file'), '')
  const database = { kind: 'sqlite' as const, path: join(home, 'parley.db') }
  const statusOf = async (environment: 'development' | 'production', name: string, dailyAt?: string) => {
    const backup = { folder: join(home, name), keep: 1, s3: undefined, passphrase: undefined, dailyAt }
    return (await checkBackupFolder({ environment, backup, database }, home)).map(({ status }) => status)
  }
  expect(await statusOf('production', 'file', '03:30')).toEqual(['fail'])
  expect(await statusOf('production', 'file')).toEqual(['warn'])
  expect(await statusOf('production', 'new/one', '03:30')).toEqual([])
  expect(await statusOf('development', 'file')).toEqual([])
  // As deploy/kubernetes/base has it: nobody is to make that folder.
  expect(await statusOf('production', 'file/only-in-jobs-of-cronjob-parley-backup', '03:30')).toEqual([
    'skip',
  ])
  rmSync(home, { recursive: true })
})

const hour = 3_600_000
test.each([
  ['production', 1, 'warn'],
  ['production', 27, 'fail'],
  ['development', 27, 'skip'],
] as const)('no backup in %s, %i hours after its beginning: %s', async (environment, hours, status) => {
  const now = Date.now()
  const store = {
    read: { leases: { until: async () => undefined } },
    begunAt: async () => now - hours * hour,
  }
  const backup = { folder: '', keep: 1, s3: undefined, passphrase: undefined, dailyAt: undefined }
  expect(await checkBackup({ environment, backup }, store, now)).toMatchObject([{ status }])
})

test('who has a timer take the backups is not told to have a second one take them', async () => {
  const store = { read: { leases: { until: async () => undefined } }, begunAt: async () => undefined }
  const backup = { folder: '', keep: 1, s3: undefined, passphrase: undefined, dailyAt: undefined }
  const [item] = await checkBackup({ environment: 'production', backup }, store, Date.now())
  expect(item?.next).toMatch(/where no timer or job takes one each day, backup\.daily_at/)
})
