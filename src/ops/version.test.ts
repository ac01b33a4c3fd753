import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readVersion } from './version.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'parley-version-'))
  writeFileSync(join(root, 'package.json'), '{"version":"1.2.3"}')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function git(...args: string[]): string {
  const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-c', 'init.defaultBranch=main']
  return execFileSync('git', [...identity, ...args], { cwd: root, encoding: 'utf8' }).trim()
}

test('a built image knows its commit and time', () => {
  mkdirSync(join(root, 'dist'))
  writeFileSync(join(root, 'dist/build.json'), '{"commit":"abc","builtAt":"2026-01-02T03:04:05Z"}')
  expect(readVersion(root, 5)).toEqual({
    version: '1.2.3',
    commit: 'abc',
    builtAt: '2026-01-02T03:04:05Z',
    startedAt: 5,
  })
})

test('a checkout: on a branch, with packed references, detached, and in a worktree', () => {
  git('init', '-q')
  git('commit', '-q', '--allow-empty', '-m', 'one')
  const commit = git('rev-parse', 'HEAD')
  expect(readVersion(root).commit).toBe(commit)
  git('pack-refs', '--all')
  expect(readVersion(root).commit).toBe(commit)
  git('worktree', 'add', '-q', 'other', '-b', 'other')
  expect(readVersion(join(root, 'other')).commit).toBe(commit)
  git('checkout', '-q', '--detach')
  expect(readVersion(root).commit).toBe(commit)
})

test('neither: unknown, and nothing throws', () => {
  rmSync(join(root, 'package.json'))
  expect(readVersion(root)).toMatchObject({ version: 'unknown', commit: 'unknown', builtAt: 'unknown' })
})
