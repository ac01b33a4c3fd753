import { createServer } from 'node:http'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { readVersion } from '../../ops/version.ts'
import { checkPort } from './port.ts'

async function statusWith(answer: string): Promise<string | undefined> {
  const server = createServer((_request, response) => response.end(answer)).listen(0, '127.0.0.1')
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
    return (await checkPort(config))[0]?.status
  } finally {
    server.close()
  }
}

test('our own server is fine, an older one a warning, another program a failure', async () => {
  const { version } = readVersion()
  expect(await statusWith(JSON.stringify({ version, commit: 'x' }))).toBe('ok')
  expect(await statusWith(JSON.stringify({ version: '0.0.1', commit: 'x' }))).toBe('warn')
  expect(await statusWith('<html>')).toBe('fail')
  expect(await statusWith('{"version":1}')).toBe('fail')
})
