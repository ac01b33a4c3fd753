import { expect, test } from 'vitest'
import { silentLog } from '../../ops/log.ts'
import { createMovedChats } from './moved.ts'

test('of many moves the oldest is forgotten', () => {
  const moved = createMovedChats(silentLog)
  for (let id = 0; id <= 1000; id += 1) moved.learn(`-${id}`, `-100${id}`)
  expect(moved.follow({ chatId: '-0' })).toEqual({ chatId: '-0' })
  expect(moved.follow({ chatId: '-1' })).toEqual({ chatId: '-1001' })
  expect(moved.follow({ chatId: '-1000' })).toEqual({ chatId: '-1001000' })
})
