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
  // The tests' own disk has the database as well.
  expect(await statusOf('production', 'new/one', '03:30')).toEqual(['warn'])
  expect(await statusOf('development', 'file')).toEqual([])
  // As deploy/kubernetes/base has it: nobody is to make that folder.
  expect(await statusOf('production', 'file/only-in-jobs-of-cronjob-parley-backup', '03:30')).toEqual([
    'skip',
  ])
  rmSync(home, { recursive: true })
})

const postgres = (url: string) => ({ kind: 'postgres' as const, url, poolMin: 0, poolMax: 1 })
const sqlite = { kind: 'sqlite' as const, path: '/dev/shm/new/parley.db' }
const loopback = postgres('postgres://parley@127.0.0.1:5432/parley')
test.each([
  [sqlite, '/dev/shm/new/backups', /^\S+ is on the disk of the database: backups would be lost with it$/],
  [sqlite, '/new/backups', undefined],
  [loopback, '/new/backups', /^\/new\/backups is on the disk of this machine, where the database is/],
  [postgres('postgres:///parley?host=/var/run/postgresql'), '/new/backups', /the disk of this machine/],
  [loopback, '/dev/shm/backups', undefined],
  [postgres('postgres://parley@db.example:5432/parley'), '/new/backups', undefined],
])('%o, backups in %s: a disk that both would be lost with is told', async (database, folder, found) => {
  const backup = { folder, keep: 1, s3: undefined, passphrase: undefined, dailyAt: undefined }
  const items = await checkBackupFolder({ environment: 'production', backup, database }, '/new')
  const told = items.filter(({ name }) => name === 'backup folder')
  if (found === undefined) return expect(told).toEqual([])
  expect(told).toMatchObject([
    { status: 'warn', found: expect.stringMatching(found), next: expect.stringContaining('bucket') },
  ])
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
