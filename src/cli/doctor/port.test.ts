import { createServer } from 'node:http'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { readVersion } from '../../ops/version.ts'
import { checkPort } from './port.ts'
import { isExpected } from './version.ts'

async function checksWith(
  answers: Record<string, string>,
  expected?: string,
  isInUse = true,
): Promise<string[]> {
  const server = createServer((request, response) =>
    response.end(answers[request.url ?? ''] ?? '<html>'),
  ).listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    const address = server.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const config = {
      host: '127.0.0.1',
      port,
      secretKey: '',
      bodyLimit: 0,
      sockets: 0,
      trustProxy: false,
      proxies: 1,
    }
    const items = await checkPort(
      { environment: 'development' as const, server: config, telegram: undefined },
      isInUse,
      expected,
    )
    return items.map(({ name, status }) => `${name} ${status}`)
  } finally {
    server.close()
  }
}

const well = { status: 'ok', checks: { database: { status: 'up', detail: '' } } }
const answersOf = (version: object, health: object = well, pool = 0.1) => ({
  '/api/version': JSON.stringify(version),
  '/health': JSON.stringify(health),
  '/metrics': `db_connection_pool_usage ${pool}`,
})

test('our own server is fine, another version a warning or what was not expected, another program a failure', async () => {
  const { version, commit } = readVersion()
  const own = answersOf({ version, commit })
  const fine = ['port ok', 'version ok', 'running ok']
  expect(await checksWith(own)).toEqual(fine)
  expect(await checksWith(own, version)).toEqual(fine)
  expect(await checksWith(own, '9.9.9')).toEqual(['port ok', 'version fail', 'running ok'])
  expect(await checksWith(answersOf({ version: '0.0.1', commit: 'x' }))).toContain('version warn')
  expect(await checksWith({ '/api/version': '<html>' })).toEqual(['port fail'])
  expect(await checksWith({ '/api/version': '{"version":1}' })).toEqual(['port fail'])
})

test('a server that has not this database open is another bot', async () => {
  const { version, commit } = readVersion()
  expect(await checksWith(answersOf({ version, commit }), version, false)).toEqual(['port fail'])
})

test('our own server that was asked too often is still our own', async () => {
  const { version } = readVersion()
  const limited = answersOf({ error: { code: 'RATE_LIMITED', message: '', requestId: '1' } })
  expect(await checksWith(limited)).toEqual(['port ok', 'version warn', 'running ok'])
  expect(await checksWith(limited, version)).toEqual(['port ok', 'version fail', 'running ok'])
  const other = answersOf({ error: { code: 'rate_limit_exceeded' } })
  expect(await checksWith(other)).toEqual(['port fail'])
})

test('that no server runs is a warning in production', async () => {
  const server = {
    host: '127.0.0.1',
    port: 0,
    secretKey: '',
    bodyLimit: 0,
    sockets: 0,
    trustProxy: false,
    proxies: 1,
  }
  const statusIn = (environment: 'development' | 'production') =>
    checkPort({ environment, server, telegram: undefined }, true)
  expect(await statusIn('development')).toMatchObject([{ status: 'ok' }])
  expect(await statusIn('production')).toMatchObject([
    { status: 'warn', next: 'once no check fails, start it: parley start' },
  ])
})

test('what the server says of itself is told', async () => {
  const { version, commit } = readVersion()
  const health = { status: 'degraded', checks: { redis: { status: 'down', detail: 'away' } } }
  const expected = ['port ok', 'version ok', 'running warn', 'pool warn']
  expect(await checksWith(answersOf({ version, commit }, health, 1))).toEqual(expected)
})

test('what does not say how it is, is not called well', async () => {
  const own = answersOf(readVersion())
  for (const health of [{}, { status: 'ok', checks: {} }, { error: { code: 'RATE_LIMITED' } }])
    expect(await checksWith({ ...own, '/health': JSON.stringify(health) })).toContain('running skip')
  expect(await checksWith({ ...own, '/metrics': '' })).toEqual([
    'port ok',
    'version ok',
    'running ok',
    'pool skip',
  ])
})

test.each([
  ['0.2.0', true],
  ['v0.2.0', true],
  ['0.2.0-0a1b2c3d4e5f', true],
  ['0a1b2c3', true],
  ['0.2.1', false],
  ['0.2.0-ffffffffffff', false],
  ['0.2', false],
  ['latest', false],
])('expected is %s: %s', (expected, isMet) => {
  expect(isExpected({ version: '0.2.0', commit: '0a1b2c3d4e5f6a7b8c9d' }, expected)).toBe(isMet)
})
