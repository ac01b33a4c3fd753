import { expect, test } from 'vitest'
import { emojiGroups, nextPlace, perRow } from './emoji.ts'

test('the arrow keys stay inside the grid', () => {
  expect(nextPlace('ArrowRight', 0, 20)).toBe(1)
  expect(nextPlace('ArrowLeft', 0, 20)).toBe(0)
  expect(nextPlace('ArrowDown', 1, 20)).toBe(1 + perRow)
  expect(nextPlace('ArrowDown', 19, 20)).toBe(19)
  expect(nextPlace('End', 0, 20)).toBe(19)
  expect(nextPlace('a', 0, 20)).toBeUndefined()
})

test('no emoji stands twice', () => {
  const all = Object.values(emojiGroups).flat()
  expect(new Set(all).size).toBe(all.length)
})
