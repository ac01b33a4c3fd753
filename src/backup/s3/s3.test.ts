import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import { createFakeS3, type FakeS3, fakeBucket } from '../../../test/fakes/s3/server.ts'
import { fakeKey } from '../../../test/fakes/s3/signature.ts'
import { createS3Destination } from './s3.ts'

const part = 1000
const folder = mkdtempSync(join(tmpdir(), 'parley-s3-'))
const file = join(folder, 'archive')
let fake: FakeS3
beforeEach(async () => {
  fake = await createFakeS3(part)
})
afterEach(() => fake.close())
afterAll(() => rmSync(folder, { recursive: true }))

const open = (change: object = {}) => {
  const { id: keyId, secret } = fakeKey
  const place = {
    ...fakeBucket,
    endpoint: fake.endpoint,
    prefix: 'bots/Ünï & co/',
    keyId,
    secret,
    sessionToken: undefined,
  }
  return createS3Destination({ ...place, ...change }, { partBytes: part, firstWaitMs: 5 })
}

async function read(name: string): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of await open().read(name)) pieces.push(piece)
  return Buffer.concat(pieces)
}

test.each([0, 1, part, part + 1, 5 * part, 5 * part + 123])(
  '%i bytes are kept, listed, read and removed',
  async (size) => {
    const bytes = randomBytes(size)
    writeFileSync(file, bytes)
    const bucket = open()
    await bucket.put("parley (1)'s.tar.gz", file)
    expect(await bucket.list()).toEqual([{ name: "parley (1)'s.tar.gz", bytes: size }])
    expect((await read("parley (1)'s.tar.gz")).equals(bytes)).toBe(true)
    await bucket.remove("parley (1)'s.tar.gz")
    expect(await bucket.list()).toEqual([])
    expect(fake.uploads.size).toBe(0)
  },
)

test('a list of several pages has all of them, and nothing of other folders', async () => {
  writeFileSync(file, 'x')
  const names = Array.from({ length: 8 }, (_, index) => `backup-${index}`)
  for (const name of names) await open().put(name, file)
  await open({ prefix: 'bots/Ünï & co/other/' }).put('elsewhere', file)
  expect((await open().list()).map(({ name }) => name)).toEqual(names)
})

test('what is busy or breaks off is asked again', async () => {
  writeFileSync(file, randomBytes(3 * part))
  fake.refuse({ status: 503, code: 'SlowDown' }, 'cut', { status: 500, code: 'InternalError' })
  await open().put('name', file)
  expect(fake.objects.size).toBe(1)
})

test('an upload that fails leaves nothing behind', async () => {
  writeFileSync(file, randomBytes(3 * part))
  const bucket = open({ bucket: fakeBucket.bucket })
  await bucket.list()
  fake.corrupt = true
  await expect(bucket.put('name', file)).rejects.toThrow('is not what was sent')
  expect(fake.objects.size).toBe(0)
  fake.corrupt = false
  fake.refuses = (asked) => asked.includes('partNumber=2')
  await expect(bucket.put('name', file)).rejects.toMatchObject({ code: 'BACKUP_FAILED' })
  expect(fake.asked.some((asked) => asked.includes('partNumber=1'))).toBe(true)
  expect(fake.uploads.size).toBe(0)
  expect(fake.objects.size).toBe(0)
})

test('one that cannot be read back is taken away again, and where that fails, too, it is said', async () => {
  writeFileSync(file, randomBytes(3 * part))
  fake.refuses = (asked) => asked.startsWith('GET')
  await expect(open().put('name', file)).rejects.toMatchObject({ code: 'BACKUP_FAILED' })
  expect(fake.objects.size).toBe(0)
  fake.refuses = (asked) => !/^(PUT|POST)/.test(asked)
  await expect(open().put('name', file)).rejects.toMatchObject({
    message: expect.stringMatching(/BadDigest.*cannot be taken away again/),
    diagnosis: { next: expect.stringMatching(/^remove s3:.*\/name, it is no proven backup/) },
  })
  expect(fake.objects.size).toBe(1)
})

test('a store that breaks off while it is read is said to be away', async () => {
  writeFileSync(file, randomBytes(100))
  await open().put('name', file)
  fake.breaksOff = true
  await expect(read('name')).rejects.toMatchObject({
    code: 'BACKUP_FAILED',
    diagnosis: { found: expect.stringContaining('cannot be reached') },
  })
})

test.each([
  [{ keyId: 'FAKEOTHERKEY' }, 'the key is refused', 'AWS_ACCESS_KEY_ID'],
  [{ secret: 'another' }, 'the key is refused', 'AWS_SECRET_ACCESS_KEY'],
  [{ region: 'us-fake-9' }, 'not in region us-fake-9', 'BACKUP_S3_REGION'],
  [{ bucket: 'other-bucket' }, 'there is no bucket other-bucket', 'BACKUP_S3_BUCKET'],
])('with %o it is said what to correct', async (change, found, next) => {
  await expect(open(change).list()).rejects.toMatchObject({
    diagnosis: { found: expect.stringContaining(found), next: expect.stringContaining(next) },
  })
  expect(fake.asked).toHaveLength(1)
})
