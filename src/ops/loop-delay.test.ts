import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { watchLoopDelay } from './loop-delay.ts'

const block = (ms: number): void => {
  for (const end = performance.now() + ms; performance.now() < end; );
}

test('a process that always comes late is told from one that paused once', async () => {
  const delay = watchLoopDelay()
  block(600)
  await sleep(1000)
  expect(delay.ms()).toBeLessThan(300)
  for (let nth = 0; nth < 6; nth += 1) {
    block(200)
    await sleep(1)
  }
  expect(delay.ms()).toBeGreaterThan(150)
  delay.close()
})
