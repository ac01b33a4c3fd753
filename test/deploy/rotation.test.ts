import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { changeSecret } from '../support/rotation.ts'

const isRoot = process.getuid?.() === 0
let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-secrets-'))
  chmodSync(folder, 0o755)
})
afterAll(() => rmSync(folder, { recursive: true }))

test.each([
  { installation: 'compose', owner: [1000, 1000], mode: 0o400, reader: [1000, 1000] },
  { installation: 'systemd', owner: [0, 1500], mode: 0o640, reader: [1501, 1500] },
] as const)('$installation: Parley can read the new secret, and others cannot', ({ owner, mode, reader }) => {
  const path = join(folder, 'TELEGRAM_BOT_TOKEN')
  writeFileSync(path, 'old-of-tests-')
  chmodSync(path, mode)
  if (isRoot) chownSync(path, owner[0], owner[1])
  changeSecret(path, "new-of-tests-'$1' %s")
  expect(readFileSync(path, 'utf8')).toBe("new-of-tests-'$1' %s")
  expect(statSync(path).mode & 0o777).toBe(mode)
  expect(readdirSync(folder)).toEqual(['TELEGRAM_BOT_TOKEN'])
  if (isRoot) {
    const read = ([user, group]: readonly [number, number]) =>
      spawnSync('setpriv', [`--reuid=${user}`, `--regid=${group}`, '--clear-groups', 'cat', path]).status
    expect([read(reader), read([65_534, 65_534])]).toEqual([0, 1])
  }
  rmSync(path)
})

test('where there is no old one nothing is put in place', () => {
  expect(() => changeSecret(join(folder, 'MISSPELT'), 'new-of-tests-')).toThrow(/MISSPELT/)
  expect(readdirSync(folder)).not.toContain('MISSPELT')
})
