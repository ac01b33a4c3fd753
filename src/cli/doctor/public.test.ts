import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { checkPublic } from './public.ts'

const [old, current] = ['0.1.0', '0.2.0']

/** What is told of the version at an address where several answer, one after the other. */
async function toldOf(answers: readonly string[], expected: string | undefined) {
  const connections = new Set<unknown>()
  let asked = 0
  const server = createServer(({ socket }, response) => {
    connections.add(socket)
    const version = answers[asked++ % answers.length]
    if (version === '502') return response.writeHead(502).end('<html>')
    if (version === '429') return response.writeHead(429).end('{"error":{"code":"RATE_LIMITED"}}')
    response.end(JSON.stringify({ version, commit: '0a1b2c3d4e5f6a7b8c9d' }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  try {
    const items = await checkPublic({ address, telegram: undefined, expected, now: Date.now() })
    const of = (wanted: string) => items.find(({ name }) => name === wanted)
    return { ...of('version'), address: of('address')?.status, connections: connections.size }
  } finally {
    server.close()
  }
}

test('the version that is expected answers again and again, over connections of their own', async () => {
  expect(await toldOf([current], current)).toMatchObject({ status: 'ok', connections: 5 })
  expect(await toldOf([current], undefined)).toMatchObject({ connections: 1 })
})

test.each([
  ['of an old process', old, /^0\.2\.0 \(0a1b2c3d4e5f\) and 0\.1\.0 \(0a1b2c3d4e5f\) answer at/],
  ['of a proxy that finds nobody', '502', /^0\.2\.0 \(0a1b2c3d4e5f\) and HTTP 502 answer at/],
])('one answer %s among those of the version that is expected', async (_, other, found) => {
  expect(await toldOf([current, current, current, other, current], current)).toMatchObject({
    status: 'fail',
    found: expect.stringMatching(found),
  })
})

test.each([
  ['at once', ['429'], undefined, 'warn'],
  ['at once, where a version is expected', ['429'], current, 'fail'],
  ['later', [current, '429'], current, 'fail'],
] as const)(
  'asked too often %s it is Parley, whose version is to be asked for again',
  async (_, answers, expected, status) => {
    expect(await toldOf(answers, expected)).toMatchObject({
      address: 'ok',
      status,
      next: expect.stringContaining('wait a minute'),
    })
  },
)
