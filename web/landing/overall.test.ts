import { expect, test } from 'vitest'
import type { StatusReport } from '../../src/http/contract/socket.ts'
import { overall } from './overall.ts'

const report: StatusReport = {
  version: '1.0.0',
  commit: 'abc',
  builtAt: null,
  startedAt: '2026-01-01T00:00:00Z',
  uptimeSeconds: 1,
  bot: { name: 'Parley', tagline: '' },
  database: { kind: 'sqlite', state: 'up' },
  channels: [{ name: 'web', state: 'up', detail: '' }],
  model: 'a/b',
  modelFault: null,
}

test('one part down is said, and so is a server out of reach', () => {
  expect(overall({ report, reachable: true })).toBe('live')
  expect(
    overall({ report: { ...report, database: { kind: 'sqlite', state: 'down' } }, reachable: true }),
  ).toBe('partly')
  const channels = [{ name: 'telegram', state: 'down' as const, detail: 'wrong token' }]
  expect(overall({ report: { ...report, channels }, reachable: true })).toBe('partly')
  expect(overall({ report: { ...report, modelFault: 'key' }, reachable: true })).toBe('partly')
  expect(overall({ report: { ...report, modelFault: 'budget' }, reachable: true })).toBe('partly')
  expect(overall({ report, reachable: false })).toBe('unreachable')
  expect(overall({ report: undefined, reachable: false })).toBe('unreachable')
})
