import { expect, test, vi } from 'vitest'
import { loadConfig } from '../config/load.ts'
import { printBanner } from './banner.ts'

function bannerOf(env: Record<string, string>): string {
  const loaded = loadConfig({
    env: {
      TELEGRAM_BOT_TOKEN: `123456789:${'A'.repeat(35)}`,
      SECRET_KEY: 'k'.repeat(32),
      DATABASE_URL: 'postgres://parley:parley@127.0.0.1/parley',
      REDIS_URL: 'redis://127.0.0.1',
      ...env,
    },
    cwd: process.cwd(),
  })
  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems))
  let shown = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    shown += String(text)
    return true
  })
  const app = { address: 'http://127.0.0.1:8000', channels: () => new Map() }
  printBanner(app, loaded, { readyAfterMs: 100, reachesOthers: true })
  return shown
}

test.each([
  ['all', 'polling'],
  ['api', 'polling, by a process of the role poller'],
  ['worker', 'polling, by a process of the role poller'],
  ['poller', 'polling'],
])('role %s: Telegram is %s', (role, how) => {
  expect(bannerOf({ PARLEY_ROLE: role })).toMatch(new RegExp(`Telegram +${how}\\n`))
})
