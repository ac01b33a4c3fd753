import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readImage } from '../../deploy/steps/image.ts'
import { readRelease } from '../../deploy/steps/notes.ts'

const commit = '0123456789abcdef0123456789abcdef01234567'
const changelog = `# Changelog

## [1.2.0] - 2026-11-26

### Added
- Something.

## [1.1.0] - unreleased

- Older.

## [1.0.0] - 2026-01-01
`
const told = { gitTag: 'v1.2.0', commit, packageVersion: '1.2.0', changelog }

test('a release has its version, a tag with its commit, and its part of the changelog', () => {
  const release = readRelease(told)
  expect(release).toEqual({ version: '1.2.0', tag: '1.2.0-0123456789ab', notes: '### Added\n- Something.' })
  expect(readImage(`ghcr.io/a/b:${release.tag}`)).toMatchObject({ version: '1.2.0', commit: '0123456789ab' })
})

test.each([
  [{ gitTag: 'latest' }, /not of the form v1\.2\.3/],
  [{ commit: 'HEAD' }, /not the hash of a commit/],
  [{ packageVersion: '1.2.1' }, /package\.json 1\.2\.1/],
  [{ gitTag: 'v1.1.0', packageVersion: '1.1.0' }, /no date for 1\.1\.0/],
  [{ gitTag: 'v1.0.0', packageVersion: '1.0.0' }, /says nothing about 1\.0\.0/],
  [{ gitTag: 'v2.0.0', packageVersion: '2.0.0' }, /says nothing about 2\.0\.0/],
])('%j is no release', (wrong, finding) => {
  expect(() => readRelease({ ...told, ...wrong })).toThrow(finding)
})

test.each([
  'a:latest',
  'a',
  'a:1.2.3',
  'a@sha256:0',
  'a:main-0a1b2c3',
  ':1.2.3-0a1b2c3',
  'a b:1.2.3-0a1b2c3',
])('%s is not an image of a release', (reference) => {
  expect(() => readImage(reference)).toThrow('is not NAME:VERSION-COMMIT')
})

test('the program tells the workflow by its exit code and GITHUB_OUTPUT', () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-release-'))
  try {
    const run = (...args: string[]) =>
      spawnSync(process.execPath, [join(import.meta.dirname, '../../deploy/release.ts'), ...args], {
        encoding: 'utf8',
        env: { PATH: '/usr/bin:/bin', GITHUB_OUTPUT: join(folder, 'output') },
      })
    expect(run()).toMatchObject({ status: 2, stderr: expect.stringContaining('Usage:') })
    expect(run('v99.0.0', commit)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('package.json'),
    })
    const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'))
    const { status, stderr, stdout } = run(`v${version}`, commit, join(folder, 'notes.md'))
    // Until the day of a release CHANGELOG.md has no date for it.
    if (status === 1) return expect(stderr).toContain('has no date for')
    expect(readFileSync(join(folder, 'output'), 'utf8')).toBe(stdout)
    expect(readFileSync(join(folder, 'notes.md'), 'utf8').length).toBeGreaterThan(10)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
