import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { faultPoints } from '../model/fault.ts'
import { createFaults } from './faults.ts'

describe('faults', () => {
  test('no spec never dies', () => {
    const faults = createFaults(undefined)
    for (const point of faultPoints) faults.reach(point)
  })

  test('dies at the nth arrival, once, and at no other point', () => {
    let deaths = 0
    const faults = createFaults('turn.answered:3', () => {
      deaths += 1
    })
    for (const point of faultPoints) faults.reach(point)
    faults.reach('turn.answered')
    expect(deaths).toBe(0)
    faults.reach('turn.answered')
    expect(deaths).toBe(1)
    faults.reach('turn.answered')
    expect(deaths).toBe(1)
  })

  test.each(['nowhere:1', 'turn.answered:0', 'turn.answered:x', 'turn.answered:1:2', ''])(
    '%j is refused with the list of points',
    (spec) => {
      expect(() => createFaults(spec)).toThrow(/outbox\.settled/)
    },
  )

  test('the death is SIGKILL, so that nothing is flushed', () => {
    const file = new URL('faults.ts', import.meta.url).href
    const script = `const { createFaults } = await import(${JSON.stringify(file)});
      process.on('exit', () => process.stdout.write('flushed'));
      createFaults('inbox.received').reach('inbox.received')`
    const child = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
    expect(child.signal).toBe('SIGKILL')
    expect(child.stdout).toBe('')
  })
})
