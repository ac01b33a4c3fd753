import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { createFakeMail } from './server.ts'

test('a client that breaks off is none of its business', async () => {
  const { address, close } = await createFakeMail('mail-of-tests')
  const [host, port] = address.split(':')
  const broken = connect(Number(port), host)
  await new Promise((resolve) => broken.once('data', resolve))
  broken.resetAndDestroy()
  const next = connect(Number(port), host)
  const greeting = await new Promise((resolve) => next.once('data', resolve))
  expect(String(greeting)).toBe('220 fake\r\n')
  next.end()
  await close()
})
