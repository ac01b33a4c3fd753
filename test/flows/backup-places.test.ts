import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { provenAt, provenFor } from '../../src/store/store.ts'
import { openStore } from '../../src/store/open.ts'
import { startSubject } from '../crash/subject.ts'
import { bucketSettings, createFakeS3, fakeBucket, type FakeS3 } from '../fakes/s3/server.ts'
import { createHome, type Ended, runCommand } from '../support/backup-command.ts'
import { freePort } from '../support/servers/server.ts'
import { execute, query } from '../support/sql.ts'

const passphrase = { BACKUP_PASSPHRASE: 'a fake passphrase of tests' }

let home: string
let remove: () => Promise<void>
beforeEach(async () => {
  ;({ home, remove } = await createHome())
  await runCommand(home, ['call', '/help'])
})
afterEach(() => remove())

const database = () => ({ kind: 'sqlite' as const, path: join(home, 'data/parley.db') })

describe('a bucket', () => {
  let fake: FakeS3
  beforeAll(async () => {
    fake = await createFakeS3()
  })
  afterAll(() => fake.close())
  const parley = (...args: string[]): Promise<Ended> =>
    runCommand(home, args, { ...bucketSettings(fake), ...passphrase, BACKUP_KEEP: '2' })

  test('keeps what is proven, as many as are wanted, and gives them back', async () => {
    fake.objects.set('bots/acme/notes.txt', Buffer.from('of the operator'))
    fake.objects.set('bots/other/parley-2020-01-01T000000Z.3f9a1c2b.tar.gz', Buffer.from('of another bot'))
    for (let count = 0; count < 3; count += 1)
      expect(await parley('backup')).toMatchObject({ code: 0, stderr: '' })
    expect([...fake.objects.keys()].filter((key) => key.endsWith('.tar.gz.enc'))).toHaveLength(2)
    expect(fake.objects.size).toBe(4)
    const { stdout } = await parley('backup', 'list')
    expect(stdout).toContain(`In s3://${fakeBucket.bucket}/bots/acme, each proven`)
    expect(await parley('drill')).toMatchObject({ code: 0 })
    await rm(join(home, 'data'), { recursive: true })
    expect(await parley('restore')).toMatchObject({ code: 0, stderr: '' })
    expect(await query(database(), 'select * from messages')).toHaveLength(2)
  })

  test('that does not keep what it was sent has none, and the old ones stay', async () => {
    const before = fake.objects.size
    fake.corrupt = true
    const failed = await parley('backup')
    fake.corrupt = false
    expect(failed).toMatchObject({ code: 1, stdout: '' })
    expect(failed.stderr).toContain('is not what was sent')
    expect(fake.objects.size).toBe(before)
  })

  test('that removes nothing: the new one counts, and what is left is told', async () => {
    fake.objects.clear()
    const names = () => [...fake.objects.keys()].toSorted()
    for (let count = 0; count < 2; count += 1) await parley('backup')
    const [oldest = ''] = names()
    fake.refuses = (asked) => asked.startsWith('DELETE')
    const human = await parley('backup')
    const taken = await parley('backup', '--json')
    const refused = await parley('backup', 'remove', oldest.replace('bots/acme/', ''))
    fake.refuses = () => false
    expect(refused).toMatchObject({ code: 1, stdout: '' })
    expect(refused.stderr).toContain(`${oldest.replace('bots/acme/', '')} could not be removed: `)
    expect(human).toMatchObject({ code: 0, stderr: '' })
    expect(human.stdout).toContain('could not be removed:\n')
    expect(human.stdout).toContain(oldest.replace('bots/acme/', ''))
    expect(taken).toMatchObject({ code: 0, stderr: '' })
    const { notRemoved, kept } = JSON.parse(taken.stdout)
    expect({ left: notRemoved.length, kept }).toEqual({ left: 2, kept: 4 })
    expect(await parley('backup', 'remove', oldest.replace('bots/acme/', ''))).toMatchObject({ code: 0 })
    expect(names()).not.toContain(oldest)
    expect(await parley('backup')).toMatchObject({ code: 0 })
    expect(names()).toHaveLength(2)
  })

  test('that refuses the key says so, and the key is in no line', async () => {
    const secret = 'another/secret+of/tests+0123456789'
    const env = { ...bucketSettings(fake), AWS_SECRET_ACCESS_KEY: secret }
    const { code, stderr } = await runCommand(home, ['backup'], env)
    expect({ code, isTold: stderr.includes('the key is refused') }).toEqual({ code: 1, isTold: true })
    expect(stderr).not.toContain(secret)
  })

  test('without its key is wrong configuration', async () => {
    const { code, stderr } = await runCommand(home, ['backup'], { BACKUP_S3_BUCKET: fakeBucket.bucket })
    expect(code).toBe(2)
    expect(stderr).toContain('AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY')
  })
})

test('the server takes one a day by itself, tells its age, and doctor knows', async () => {
  const port = await freePort()
  const env = { BACKUP_DAILY_AT: '00:00', LOG_LEVEL: 'info' }
  const subject = startSubject({ folder: home, port, env })
  try {
    await subject.ready()
    const age = async (): Promise<number> => {
      const page = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
      return Number(/^backup_age_seconds (\S+)$/m.exec(page)?.[1]?.replace('+Inf', 'Infinity'))
    }
    await expect.poll(age, { timeout: 20_000 }).toBeLessThan(60)
    await expect.poll(subject.output, { timeout: 10_000 }).toContain('backup taken and proven')
    expect(readdirSync(join(home, 'data/backups'))).toHaveLength(1)
  } finally {
    subject.signal('SIGTERM')
    await subject.exited
  }
  const store = await openStore(database(), { onConnectionError: () => undefined })
  expect(await provenAt(store.read.leases, Date.now())).toBeGreaterThan(Date.now() - 60_000)
  await store.close()
  const { stdout } = await runCommand(home, ['doctor', '--offline', '--json'])
  expect(JSON.parse(stdout).checks).toContainEqual(
    expect.objectContaining({ name: 'backup', status: 'ok', found: expect.stringContaining('s old') }),
  )
})

test('a backup of a clock that was a month ahead does not count, and the next one takes its place', async () => {
  const month = 30 * 86_400_000
  await execute(
    database(),
    `insert into leases (name, holder, until) values ('backup.proven', 'test', ${Date.now() + month + provenFor})`,
  )
  const backupItem = async (): Promise<object> => {
    const { stdout } = await runCommand(home, ['doctor', '--offline', '--json'])
    return JSON.parse(stdout).checks.find(({ name }: { name: string }) => name === 'backup')
  }
  expect(await backupItem()).toMatchObject({
    status: 'fail',
    found: expect.stringContaining('which is to come: a clock was wrong'),
    next: expect.stringContaining('the clock of this machine'),
  })
  const ages: string[] = []
  const port = await freePort()
  const subject = startSubject({ folder: home, port, env: { BACKUP_DAILY_AT: '00:00', LOG_LEVEL: 'info' } })
  try {
    await subject.ready()
    const age = async (): Promise<number> => {
      const page = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
      ages.push(/^backup_age_seconds (\S+)$/m.exec(page)?.[1] ?? '')
      return Number(ages.at(-1)?.replace('+Inf', 'Infinity'))
    }
    await expect.poll(age, { timeout: 20_000 }).toBeLessThan(60)
    expect(ages[0]).toBe('+Inf')
  } finally {
    subject.signal('SIGTERM')
    await subject.exited
  }
  expect(readdirSync(join(home, 'data/backups'))).toHaveLength(1)
  expect(await backupItem()).toMatchObject({ status: 'ok' })
})

test('a server that was never backed up says so, and one that cannot be says why', async () => {
  const port = await freePort()
  writeFileSync(join(home, 'data/backups'), 'a file where the folder should be')
  const subject = startSubject({ folder: home, port, env: { BACKUP_DAILY_AT: '00:00', LOG_LEVEL: 'info' } })
  try {
    await subject.ready()
    await expect
      .poll(subject.output, { timeout: 20_000 })
      .toContain('no backup: it is tried again in an hour')
    const page = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
    expect(page).toContain('backup_age_seconds +Inf')
    expect(page).toContain('backups_total{outcome="failed"} 1')
  } finally {
    subject.signal('SIGTERM')
    await subject.exited
  }
  expect(existsSync(join(home, 'data/.backup'))).toBe(false)
  expect(readFileSync(join(home, 'data/backups'), 'utf8')).toContain('a file')
})
