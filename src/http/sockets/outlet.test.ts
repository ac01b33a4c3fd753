import { afterEach, beforeEach, expect, test } from 'vitest'
import { createSocketPair, type SocketPair } from '../../../test/support/socket-pair.ts'
import type { ServerFrame } from '../contract/socket.ts'
import { createOutlet, type Outlet } from './outlet.ts'

let pair: SocketPair
let outlet: Outlet
beforeEach(async () => {
  pair = await createSocketPair()
  outlet = createOutlet(pair.near)
})
afterEach(() => pair.close())

const preview: ServerFrame = { type: 'preview', session: 's', turn: 't', attempt: 1, text: 'so far' }
const typing: ServerFrame = { type: 'typing', session: 's', active: true }
const accepted: ServerFrame = { type: 'accepted', session: 's', id: 'i', seq: 1 }

/** More than the operating system takes over for a reader who does not read. */
function fill(): void {
  pair.far.pause()
  const messages = [{ seq: 1, author: 'bot' as const, text: 'x'.repeat(20_000_000), at: 0 }]
  outlet.send({ type: 'messages', session: 's', messages })
}

const isSettled = (promise: Promise<void>): Promise<boolean> =>
  Promise.race([
    promise.then(() => true),
    new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 50)),
  ])

test('while much is unread, what may be missed is left out and the rest waits in line', async () => {
  await outlet.room()
  outlet.send(preview)
  fill()
  for (const frame of [preview, typing, accepted]) outlet.send(frame)
  const room = outlet.room()
  expect(await isSettled(room)).toBe(false)
  pair.far.resume()
  await room
  outlet.send(typing)
  const types = ['preview', 'messages', 'accepted', 'typing']
  await expect.poll(() => pair.received).toMatchObject(types.map((type) => ({ type })))
})

test('nobody waits for a socket that is gone', async () => {
  fill()
  const room = outlet.room()
  pair.near.terminate()
  await room
  await outlet.room()
  outlet.send(accepted)
})
