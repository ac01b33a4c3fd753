import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { createAbsences, isAbsence } from './absences.ts'
import type { Disturbance } from './schedule.ts'
import { createSlot } from './slot.ts'

const ready = 'echo http://127.0.0.1:9/chat'

/** What is said of a process that does this, the first time. */
async function faultOf(script: string, needs: { isAway?: boolean; isArmed?: boolean; kill?: boolean } = {}) {
  const faults: string[] = []
  let starts = 0
  const { promise: over, resolve } = Promise.withResolvers<void>()
  const slot = createSlot({
    place: { name: 'all', role: 'all' },
    folder: tmpdir(),
    env: { PATH: process.env.PATH ?? '' },
    within: ['sh', '-c', script],
    arm() {
      starts += 1
      // What is to be said of the first has been said by then.
      if (starts === 3) resolve()
      return needs.isArmed ? { point: 'outbox.settled', arrival: 1 } : undefined
    },
    wasAway: () => needs.isAway ?? false,
    onKilled() {
      if (needs.kill || needs.isArmed) resolve()
    },
    onFault(what) {
      faults.push(what)
      resolve()
    },
  })
  void slot.start()
  if (needs.kill) await slot.kill(0)
  await over
  await slot.destroy()
  return faults[0]
}

test.each<[string, ...Parameters<typeof faultOf>, RegExp]>([
  ['ends', `${ready}; sleep 0.1; exit 3`, {}, /^ended with 3: /],
  ['ends while something is away', `${ready}; sleep 0.1; exit 3`, { isAway: true }, /^ended with 3: /],
  ['does not start', 'exit 3', {}, /^ended with 3 before it was ready: /],
  [
    'does not start for an error that came to nobody',
    'echo fault that nobody caught, exiting; exit 1',
    { isAway: true },
    /nobody caught/,
  ],
  ['is killed by nobody here', `${ready}; kill -9 $$`, {}, /^ended with SIGKILL/],
  ['is killed by nobody here before it is ready', 'kill -9 $$', {}, /^ended with SIGKILL/],
])('a process that %s is a fault', async (_, script, needs, fault) => {
  expect(await faultOf(script, needs)).toMatch(fault)
})

test.each<[string, ...Parameters<typeof faultOf>]>([
  ['is killed', `${ready}; exec sleep 10`, { kill: true }],
  ['dies where it was told to', `${ready}; kill -9 $$`, { isArmed: true }],
  ['does not start while something is away', 'exit 3', { isAway: true }],
])('a process that %s is none', async (_, script, needs) => {
  expect(await faultOf(script, needs)).toBeUndefined()
})

test('what no process can start without was away from a disturbance on until a second after it', () => {
  const clock = { ms: 1000 }
  const absences = createAbsences(() => clock.ms)
  expect(absences.since(0)).toBe(false)
  const back = absences.begin()
  clock.ms = 5000
  expect(absences.since(clock.ms)).toBe(true)
  back()
  expect([absences.since(5999), absences.since(6000)]).toEqual([true, false])
})

test.each<[Disturbance, boolean]>([
  [{ kind: 'postgres', how: 'backend' }, true],
  [{ kind: 'disk', ms: 1 }, true],
  [{ kind: 'redis', how: 'kill' }, true],
  [{ kind: 'network', line: 'database', how: 'hole', ms: 1 }, true],
  [{ kind: 'redis', how: 'flush' }, false],
  [{ kind: 'network', line: 'database', how: 'slow', ms: 1 }, false],
  [{ kind: 'network', line: 'telegram', how: 'cut', ms: 1 }, false],
  [{ kind: 'kill', place: 0, afterMs: 1 }, false],
])('%j takes away what no process can start without: %s', (disturbance, isOne) => {
  expect(isAbsence(disturbance)).toBe(isOne)
})
