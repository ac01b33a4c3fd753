import { expect, test } from 'vitest'
import { disturbLine } from './disturb.ts'
import { startProxy } from './proxy.ts'
import type { Disturbance, Line } from './schedule.ts'
import { createWitness } from './witness.ts'

type How = Extract<Disturbance, { kind: 'network' }>['how']

test.each<[How, Line, unexplained: number]>([
  ['hole', 'database', 0],
  ['cut', 'telegram', 0],
  ['slow', 'database', 1],
  ['slow', 'telegram', 1],
  ['hole', 'redis', 1],
])(
  'a %s of the line to %s: copies of what came then that nothing explains: %d',
  async (how, line, unexplained) => {
    const proxy = await startProxy(() => [])
    const proxies = { front: proxy, database: proxy, redis: proxy, telegram: proxy, model: proxy }
    const witness = createWitness()
    const disturbed = disturbLine({ town: { proxies }, witness }, { kind: 'network', line, how, ms: 5 })
    witness.heard('a', '#1')
    await disturbed
    await proxy.close()
    witness.heard('a', '#1', { at: performance.now() + 1000 })
    expect(witness.report().unexplained).toHaveLength(unexplained)
  },
)
