import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { formatName } from '../../backup/name.ts'
import { checkBackupPlace, judgeKept } from './backup-place.ts'

const home = mkdtempSync(join(tmpdir(), 'parley-doctor-'))
afterAll(() => rmSync(home, { recursive: true }))

const takenAt = Date.parse('2026-11-26T03:30:00Z')

async function judge(folder: string, dailyAt?: string) {
  const backup = { folder, keep: 1, s3: undefined, passphrase: undefined, dailyAt }
  const config = { environment: 'production' as const, backup }
  return judgeKept(config, await checkBackupPlace(config), takenAt)
}

test('a folder from which the latest proven backup is gone is told, and one that has it is not', async () => {
  expect(await judge(home)).toMatchObject([
    {
      status: 'fail',
      found: `the latest proven one, of 2026-11-26T03:30:00.000Z, is not among the 0 in ${home}`,
      next: expect.stringMatching(/mounted there; parley backup takes one now/),
    },
  ])
  writeFileSync(join(home, formatName({ takenAt, installation: '3f9a1c2b', encrypted: true })), '')
  expect(await judge(home)).toEqual([])
})

test('who takes none here, and has no such folder, may have them elsewhere', async () => {
  const nowhere = join(home, 'nowhere')
  expect(await judge(nowhere)).toMatchObject([{ status: 'warn' }])
  expect(await judge(nowhere, '03:30')).toMatchObject([{ status: 'fail' }])
  expect(await judge(join(home, 'only-in-jobs-of-cronjob-parley-backup'))).toEqual([])
})
