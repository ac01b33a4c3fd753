import { expect, test } from 'vitest'
import { memoryStorage } from '../../ui/storage.ts'
import type { Draft } from '../session/state.ts'
import { createOutbox } from './outbox.ts'

const draft = (id: string, at: number): Draft => ({ id, session: 's', text: id, at, state: 'pending' })

test('drafts come back oldest first', () => {
  const outbox = createOutbox(memoryStorage())
  for (const one of [draft('b', 2), draft('a', 1)]) outbox.put(one)
  expect(outbox.load(3).map((one) => one.id)).toEqual(['a', 'b'])
  outbox.remove(draft('a', 1))
  expect(outbox.load(3).map((one) => one.id)).toEqual(['b'])
})

test('what is too old or not ours is dropped, other keys stay', () => {
  const storage = memoryStorage()
  const outbox = createOutbox(storage)
  outbox.put(draft('old', 0))
  storage.setItem('parley.outbox.s.x', '{"id":1}')
  storage.setItem('parley.outbox.s.y', 'not json')
  storage.setItem('parley.theme', 'dark')
  expect(outbox.load(8 * 86_400_000)).toEqual([])
  expect(storage.length).toBe(1)
})

test('a full storage is no reason to lose the message of this page', () => {
  const storage = memoryStorage()
  storage.setItem = () => {
    throw new DOMException('full', 'QuotaExceededError')
  }
  expect(() => createOutbox(storage).put(draft('a', 1))).not.toThrow()
})
