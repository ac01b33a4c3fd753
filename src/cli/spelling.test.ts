import { globSync, readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { expect, test, vi } from 'vitest'
import { inCheckout, onBot, spelled } from './spelling.ts'

test.each([
  ['Run: parley migrate up', 'Run: npm run parley -- migrate up'],
  ['`parley start`. `parley doctor` says', '`npm run parley -- start`. `npm run parley -- doctor` says'],
  ['kubectl exec parley-0 -- parley doctor', 'kubectl exec parley-0 -- parley doctor'],
  ['docker compose exec parley parley doctor', 'docker compose exec parley parley doctor'],
  ['docker compose run --rm parley restore', 'docker compose run --rm parley restore'],
  ['docker compose run --rm -T parley migrate-data', 'docker compose run --rm -T parley migrate-data'],
  ['sudo parley doctor, /usr/local/bin/parley doctor', 'sudo parley doctor, /usr/local/bin/parley doctor'],
  ['check that parley is running', 'check that parley is running'],
  ['parley.yaml, parley.db, parleydoctor', 'parley.yaml, parley.db, parleydoctor'],
])('%s', (text, expected) => {
  expect(spelled(text, inCheckout)).toBe(expected)
  expect(spelled(expected, inCheckout)).toBe(expected)
  expect(spelled(text, 'parley')).toBe(text)
})

test.each([
  ['parley backup takes one; backup.daily_at', 'parley backup -c /x takes one; backup.daily_at'],
  ['parley migrate-data, else parley migrate up', 'parley migrate-data -c /x, else parley migrate up -c /x'],
  ['the secret differs: parley webhook set', 'the secret differs: parley webhook set -c /x'],
  ['ends it: parley outbox drop ID', 'ends it: parley outbox drop -c /x ID'],
  ['let the user parley write there', 'let the user parley write there'],
])('of another bot: %s', (text, expected) => {
  expect(onBot(text, ' -c /x')).toBe(expected)
  expect(onBot(text, '')).toBe(text)
})

test('a host with the services names how commands are typed, and its service is what starts it', async () => {
  const { PARLEY_COMMAND } = parseEnv(readFileSync('deploy/systemd/parley.env', 'utf8'))
  vi.stubEnv('PARLEY_COMMAND', PARLEY_COMMAND)
  vi.resetModules()
  const here = await import('./spelling.ts').finally(() => vi.unstubAllEnvs())
  expect(here.spelled('Next: parley start, then parley doctor')).toBe(
    'Next: sudo systemctl enable --now parley, then sudo parley doctor',
  )
})

test.each(globSync('{README,docs/**/*}.md'))('%s spells commands as they are typed in a checkout', (path) => {
  const page = readFileSync(path, 'utf8')
  expect(spelled(page, inCheckout)).toBe(page)
})
