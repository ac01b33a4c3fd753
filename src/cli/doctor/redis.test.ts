import { createServer, type AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Redis } from 'ioredis'
import { startRedis, type TestRedis } from '../../../test/support/servers/redis.ts'
import { checkRedis } from './redis.ts'

let redis: TestRedis
beforeAll(async () => {
  redis = await startRedis()
})
afterAll(() => redis.stop())

const at = (url: string) => checkRedis({ url, prefix: 'parley' })

test('says that it is not configured, answers, and warns of an evicting policy', async () => {
  expect(await checkRedis(undefined)).toMatchObject([{ status: 'skip' }])
  expect(await at(redis.url)).toMatchObject([
    {
      status: 'ok',
      found: expect.stringMatching(/^Redis \d+\.\d+\.\d+ answers at 127\.0\.0\.1:\d+ after \d/),
    },
    { name: 'redis memory', status: 'ok' },
  ])
  const client = new Redis(redis.url)
  await client.config('SET', 'maxmemory-policy', 'allkeys-lru')
  client.disconnect()
  expect((await at(redis.url))[1]).toMatchObject({
    status: 'warn',
    next: expect.stringContaining('noeviction'),
  })
})

test('away, refused and too old are failures that say what to do', async () => {
  expect(await at('redis://127.0.0.1:1')).toMatchObject([
    {
      status: 'fail',
      found: expect.stringContaining('ECONNREFUSED'),
      next: expect.stringContaining('REDIS_URL'),
    },
  ])
  const client = new Redis(redis.url)
  await client.config('SET', 'requirepass', 'right')
  expect(await at(redis.url.replace('//', '//:wrong@'))).toMatchObject([
    {
      status: 'fail',
      found: expect.stringContaining('WRONGPASS'),
      next: expect.stringContaining('password'),
    },
  ])
  await client.config('SET', 'requirepass', '')
  client.disconnect()
  const old = createServer((socket) => {
    // A Redis that knows nothing but INFO, and says that it is old.
    socket.on('data', (bytes) => {
      for (const command of bytes.toString().split(/(?=\*\d+\r\n)/)) {
        socket.write(/info/i.test(command) ? '$20\r\nredis_version:6.2.14\r\n' : '+OK\r\n')
      }
    })
    socket.on('error', () => undefined)
  })
  await new Promise<void>((resolve) => old.listen(0, '127.0.0.1', resolve))
  const { port } = old.address() as AddressInfo
  expect(await at(`redis://127.0.0.1:${port}`)).toMatchObject([
    { status: 'fail', found: expect.stringContaining('found Redis 6.2.14; expected 7.0 or newer') },
  ])
  old.close()
})
