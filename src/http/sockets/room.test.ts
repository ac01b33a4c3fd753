import { expect, test } from 'vitest'
import { createSocketRoom } from './room.ts'

test('so many sockets, and so many of one address; a place given back is free', () => {
  const refused: string[] = []
  const events = { socketRefused: ({ reason }: { reason: string }) => void refused.push(reason) }
  const room = createSocketRoom({ most: 3, mostOfAddress: () => 2, events })
  const leave = room.enter('192.0.2.1')
  room.enter('192.0.2.1')
  expect(room.enter('192.0.2.1')).toBeUndefined()
  expect(() => room.check('192.0.2.1')).toThrow(expect.objectContaining({ status: 429 }))
  room.check('192.0.2.2')
  room.enter('192.0.2.2')
  expect(() => room.check('192.0.2.3')).toThrow(expect.objectContaining({ status: 503 }))
  expect(refused).toEqual(['address', 'process'])
  leave?.()
  expect(room.enter('192.0.2.1')).toBeDefined()
})
