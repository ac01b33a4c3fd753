import { type AddressInfo, createServer, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { openPostgres } from './database.ts'

/** A message of the protocol (https://www.postgresql.org/docs/current/protocol-message-formats.html). */
function message(type: string, body: string): Buffer {
  const framed = Buffer.alloc(5 + Buffer.byteLength(body), type)
  framed.writeInt32BE(framed.length - 1, 1)
  framed.write(body, 5)
  return framed
}

const welcome = [message('R', '\0\0\0\0'), message('Z', 'I')]
const ended = message('E', 'SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0')

test('a server that ends a connection in the breath in which it let it in ends no process', async () => {
  const server = createServer((socket: Socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () => socket.end(Buffer.concat([...welcome, ended])))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const database = openPostgres({
    url: `postgres://parley@127.0.0.1:${port}/parley`,
    poolMin: 0,
    poolMax: 1,
    onError: () => undefined,
  })
  try {
    await expect(database.transaction(async () => undefined)).rejects.toMatchObject({
      code: 'DATABASE_UNAVAILABLE',
    })
  } finally {
    await database.close()
    server.close()
  }
})
