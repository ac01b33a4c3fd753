import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lockOf, unpack, writeArchive } from './archive.ts'
import type { About } from './manifest.ts'

const passphrase = 'a fake passphrase of tests'
const about: About = {
  takenAt: '2026-11-26T20:30:00.000Z',
  version: '0.1.0',
  commit: 'unknown',
  installation: '3f9a1c2b',
  database: { kind: 'sqlite', migrations: ['0001'], expanding: [], tables: { messages: 3 } },
}

let folder: string
let count = 0
const place = (): string => join(folder, `place-${(count += 1)}`)
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-archive-'))
  writeFileSync(join(folder, 'small'), 'a key')
  writeFileSync(join(folder, 'empty'), '')
  writeFileSync(join(folder, 'large'), Buffer.alloc(150_000, 'what people said, over and over. '))
})
afterAll(() => rmSync(folder, { recursive: true }))

const long = `data/${'attachments/'.repeat(9)}голос.ogg`

async function archive(secret?: string): Promise<Buffer> {
  const to = place()
  const members = [
    { path: 'database/parley.db', file: join(folder, 'large') },
    { path: 'data/empty', file: join(folder, 'empty') },
    { path: long, file: join(folder, 'small') },
  ]
  await writeArchive({ about, members, to, passphrase: secret })
  return readFileSync(to)
}

const lock = (secret?: string) => lockOf('parley.tar.gz', secret)
const open = (bytes: Buffer, to: string, secret?: string) => unpack(Readable.from([bytes]), to, lock(secret))

describe.each([
  ['readable', undefined],
  ['encrypted', passphrase],
])('%s', (_, secret) => {
  test('what was packed is unpacked', async () => {
    const to = place()
    const manifest = await open(await archive(secret), to, secret)
    expect(manifest).toMatchObject(about)
    expect(readFileSync(join(to, 'database/parley.db'))).toEqual(readFileSync(join(folder, 'large')))
    expect(readFileSync(join(to, long), 'utf8')).toBe('a key')
    expect(readFileSync(join(to, 'data/empty'), 'utf8')).toBe('')
  })

  test('in whatever pieces it comes', async () => {
    const bytes = await archive(secret)
    const pieces = Array.from({ length: bytes.length }, (_, at) => bytes.subarray(at, at + 1))
    await expect(unpack(Readable.from(pieces), place(), lock(secret))).resolves.toMatchObject(about)
  })

  test('a changed bit is found, wherever it is', async () => {
    const bytes = await archive(secret)
    // Each trial derives the key anew, which is meant to take its time.
    const step = Math.ceil(bytes.length / (secret === undefined ? 600 : 20))
    for (let at = 0; at < bytes.length; at += step) {
      const changed = Buffer.from(bytes)
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8))
      const found = open(changed, place(), secret)
      await expect(found, `byte ${at}`).rejects.toMatchObject({
        code: expect.stringMatching(/^BACKUP_(DAMAGED|LOCKED)$/),
      })
    }
  }, 60_000)

  test('what is cut off or added is found', async () => {
    const bytes = await archive(secret)
    for (const left of [0, 1, 15, 60, bytes.length - 97, bytes.length - 1])
      await expect(open(bytes.subarray(0, left), place(), secret), `${left}`).rejects.toMatchObject({
        code: 'BACKUP_DAMAGED',
      })
    await expect(open(Buffer.concat([bytes, Buffer.alloc(1)]), place(), secret)).rejects.toMatchObject({
      code: 'BACKUP_DAMAGED',
    })
  })
})

test('another passphrase, or none, is said to be what is wrong', async () => {
  const bytes = await archive(passphrase)
  expect(bytes.includes('manifest')).toBe(false)
  await expect(open(bytes, place(), 'another passphrase')).rejects.toMatchObject({ code: 'BACKUP_LOCKED' })
  await expect(open(bytes, place())).rejects.toMatchObject({
    code: 'BACKUP_LOCKED',
    diagnosis: { next: expect.stringContaining('BACKUP_PASSPHRASE') },
  })
})

test('one that anybody may have written is not taken where encrypted ones are wanted', async () => {
  const plain = () => archive().then((bytes) => Readable.from([bytes]))
  for (const wanted of [lock(passphrase), lockOf('parley.tar.gz.enc', undefined)]) {
    const to = place()
    await expect(unpack(await plain(), to, wanted)).rejects.toMatchObject({
      code: 'BACKUP_LOCKED',
      diagnosis: { next: expect.stringContaining(`parley restore --unencrypted ${wanted.name}`) },
    })
    expect(existsSync(to)).toBe(false)
    await unpack(await plain(), to, { ...wanted, mayBePlain: true })
  }
})

test.each([
  'data/x\n/../../../escaped',
  'data/../../escaped',
  '/tmp/escaped',
  './escaped',
  'data//escaped',
  'data/a\tb',
])('nothing is written outside of its folder: %j', async (path) => {
  const [from, to] = [place(), place()]
  await writeArchive({
    about,
    members: [{ path, file: join(folder, 'small') }],
    to: from,
    passphrase: undefined,
  })
  await expect(open(readFileSync(from), join(to, 'in'))).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' })
  expect(readdirSync(folder).filter((name) => name.includes('escaped'))).toEqual([])
  expect(existsSync(to)).toBe(false)
})

test('tar reads what is not encrypted, without a word of complaint', async () => {
  const file = place()
  writeFileSync(file, await archive())
  const listed = execFileSync('tar', ['tzf', file], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  expect(listed.split('\n')[0]).toBe('manifest.json')
  expect(listed).toContain('database/parley.db\ndata/empty\n')
})
