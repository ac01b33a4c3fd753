import { readdirSync, readFileSync } from 'node:fs'
import { getPriority } from 'node:os'
import { expect, test } from 'vitest'
import { returnMemory, yieldToProgram } from './memory.ts'

test('garbage is collected when asked for', () => {
  const before = process.memoryUsage().heapUsed
  let waste: unknown[] = Array.from({ length: 400_000 }, (_, index) => ({ index }))
  expect(waste.length).toBe(400_000)
  waste = []
  returnMemory()
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(10_000_000)
})

test.runIf(process.platform === 'linux')('the threads that collect come after the program', () => {
  yieldToProgram()
  const collectors = readdirSync('/proc/self/task').filter((thread) =>
    readFileSync(`/proc/self/task/${thread}/comm`, 'utf8').startsWith('V8Worker'),
  )
  expect(collectors.length).toBeGreaterThan(0)
  expect(collectors.map((thread) => getPriority(Number(thread)))).toEqual(collectors.map(() => 10))
  expect(getPriority()).toBe(0)
})
