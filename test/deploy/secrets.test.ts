import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findProgram } from '../support/run/next-release.ts'
import { type Outcome, runProgram } from '../support/run/program.ts'

const root = join(import.meta.dirname, '../..')
let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-secrets-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** As the workflow `scan` runs it. */
function gitleaks(source: string, ...args: string[]): Promise<Outcome> {
  const program = findProgram('gitleaks', 'GITLEAKS_PATH')
  if (program === undefined) throw new Error('There is no gitleaks: run `npm test`, or set GITLEAKS_PATH')
  const config = ['--config', join(root, '.gitleaks.toml')]
  return runProgram([
    program,
    'detect',
    '--no-banner',
    '--redact',
    '-v',
    ...config,
    '--source',
    source,
    ...args,
  ])
}

test('no commit of this repository has a secret', async () => {
  const { code, output } = await gitleaks(root, '--log-opts', 'HEAD')
  expect([code, output]).toEqual([0, expect.stringMatching(/[1-9]\d* commits scanned/)])
})

const random = (bytes: number): string => randomBytes(bytes).toString('base64url')

test.each([
  [
    'telegram-bot-token',
    () => `TELEGRAM_BOT_TOKEN=7${Date.now().toString().slice(-9)}:AA${random(33).slice(0, 33)}`,
  ],
  ['telegram-bot-token', () => `a line of text, 7123456789:AA${random(33).slice(0, 33)} and more`],
  ['database-password', () => `postgres://parley:${random(18)}@db.example.com/parley`],
  ['database-password', () => `rediss://:${random(18)}@cache.example.com:6379`],
  ['private-key', () => `-----BEGIN PRIVATE KEY-----\n${random(300)}\n-----END PRIVATE KEY-----`],
  ['github-pat', () => `ghp_${random(60).replaceAll(/[-_]/g, '').padEnd(36, 'x').slice(0, 36)}`],
])('%s is found', async (rule, make) => {
  writeFileSync(join(folder, 'notes.md'), make())
  const { code, output } = await gitleaks(folder, '--no-git')
  expect([code, output]).toEqual([1, expect.stringContaining(rule)])
})
