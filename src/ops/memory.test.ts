import { expect, test } from 'vitest'
import { returnMemory } from './memory.ts'

test('garbage is collected when asked for', () => {
  const before = process.memoryUsage().heapUsed
  let waste: unknown[] = Array.from({ length: 400_000 }, (_, index) => ({ index }))
  expect(waste.length).toBe(400_000)
  waste = []
  returnMemory()
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(10_000_000)
})
