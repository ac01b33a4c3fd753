import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { describeSecret, weakness } from './secrets.ts'

describe('weakness', () => {
  test.each([
    'change-me-change-me-change-me-1234',
    'CHANGE_ME',
    'my-super-secret-key-for-production',
    'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
    'abababababababababababababababab12',
    'abcdefghijklmnopqrstuvwxyz0123456789',
    '0123456789abcdef0123456789abcdef',
    'postgres',
  ])('%s is weak', (secret) => {
    expect(weakness(secret)).toBeDefined()
  })

  test('what stands in this repository is weak', () => {
    const folder = join(import.meta.dirname, '../../deploy/compose/development/secrets')
    const secrets = readdirSync(folder)
      .map((name) => readFileSync(join(folder, name), 'utf8').trim())
      .map((text) => (URL.canParse(text) ? new URL(text).password : text))
      .filter((secret) => secret !== '')
    expect(secrets.length).toBeGreaterThanOrEqual(4)
    for (const secret of secrets) expect([secret, weakness(secret)]).toEqual([secret, expect.any(String)])
  })

  test('what a machine makes is never weak', () => {
    for (let round = 0; round < 500; round += 1) {
      expect(weakness(randomBytes(32).toString('hex'))).toBeUndefined()
      expect(weakness(randomBytes(48).toString('base64url'))).toBeUndefined()
      expect(weakness(randomBytes(24).toString('base64url'))).toBeUndefined()
    }
  })
})

test('a secret is described by its length, and its beginning when it is long', () => {
  expect(describeSecret('hunter2')).toBe('*** (7 characters)')
  expect(describeSecret('0123456789abcdef')).toBe('01*** (16 characters)')
})

test('processes that start at the same moment keep one key', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-key-'))
  const file = new URL('secrets.ts', import.meta.url).href
  const script = `const { keptSecretKey } = await import(${JSON.stringify(file)});
    process.stdout.write(keptSecretKey(${JSON.stringify(folder)}, () => undefined))`
  try {
    const start = () => text(spawn(process.execPath, ['--input-type=module', '-e', script]).stdout)
    const keys = await Promise.all(Array.from({ length: 4 }, start))
    expect(new Set(keys).size).toBe(1)
    expect(keys[0]?.length).toBeGreaterThanOrEqual(32)
    expect(readdirSync(folder)).toEqual(['secret.key'])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
