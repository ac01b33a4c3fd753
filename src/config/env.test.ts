import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { processEnvironment } from './env.ts'

let cwd = ''
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'parley-env-'))
  mkdirSync(join(cwd, 'bot'))
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(cwd, { recursive: true, force: true })
})

const write = (path: string, text: string) => writeFileSync(join(cwd, path), text)

test('an .env beside the configuration beats that of the working directory, and what is set beats both', () => {
  write('.env', 'PORT=1\nHOST=a\nLOG_LEVEL=debug\nPARLEY_CONFIG=bot')
  write('bot/.env', 'PORT=2\nHOST=b\nPARLEY_CONFIG=elsewhere')
  vi.stubEnv('PORT', '3')
  const expected = { PORT: '3', HOST: 'b', LOG_LEVEL: 'debug' }
  expect(processEnvironment(cwd)).toMatchObject({ ...expected, PARLEY_CONFIG: 'bot' })
  const given = { PARLEY_CONFIG: join(cwd, 'bot') }
  expect(processEnvironment('/', given)).toMatchObject({ PORT: '3', HOST: 'b', ...given })
})

test('its paths are meant from where it lies', () => {
  write('bot/.env', 'DATA_DIR=data\nDATABASE_PATH=/x.db\nANTHROPIC_API_KEY_FILE=key\nAI_MODEL=data')
  expect(processEnvironment(cwd, { PARLEY_CONFIG: 'bot' })).toMatchObject({
    DATA_DIR: join(cwd, 'bot/data'),
    DATABASE_PATH: '/x.db',
    ANTHROPIC_API_KEY_FILE: join(cwd, 'bot/key'),
    AI_MODEL: 'data',
  })
})
