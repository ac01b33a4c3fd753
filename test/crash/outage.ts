import { setTimeout as sleep } from 'node:timers/promises'
import type { DatabaseKind } from '../support/stores.ts'
import { createCounts } from './counts.ts'
import { startKnocking } from './knocker.ts'
import { echoMs, type Pace } from './launch.ts'
import { gatherPeople } from './people.ts'
import { createRandom } from './random.ts'
import { createSlot } from './slot.ts'
import { buildTown, type Town } from './town.ts'
import { createWitness, type Report, type Witness } from './witness.ts'

export interface OutageOptions {
  kind: DatabaseKind
  seed: number
  seconds: number
  /** Takes something away, and brings it back. */
  takeAway(town: Town): Promise<void>
  bringBack(town: Town): Promise<void>
}

export interface OutageReport extends Report {
  /** What the webhook answered while something was away: how often each status; 0: nothing. */
  webhook: Record<string, number>
  /** Refusals without a Retry-After. */
  rude: number
  /** Statuses of the probes, those of the outage's second half. */
  livez: number[]
  readyz: number[]
  health: number[]
  /** What the alerts go by, in the end of it: `dependency_up` of the database, and `disk_free_ratio`. */
  databaseUp: number
  diskFree: number
  /** From the return until the first new message was answered; in milliseconds. */
  workingMs: number
  /** From when nobody wrote any more until everything was answered. */
  settledMs: number
  /** How often the process was started in all. */
  starts: number
  /** Processes that ended, drains that failed; rows that pages must not see. */
  faults: string[]
}

const settleMs = 60_000
const fillMs = 20_000
const warmUpMs = 1000
const pace: Pace = { leaseMs: 2000, sweepMs: 100 }

/** Takes the database or its disk away from one process at work, brings it back, and tells what happened meanwhile. */
export async function sufferOutage(options: OutageOptions): Promise<OutageReport> {
  const witness = createWitness()
  const counts = createCounts()
  let starts = 0
  const town = await buildTown({
    kind: options.kind,
    receive: 'webhook',
    megabytes: 192,
    pace,
    open: () => [slot.port() ?? 0],
  })
  const slot = createSlot({
    place: { name: 'all', role: 'all' },
    folder: town.folder,
    env: town.env,
    within: town.within,
    arm: () => undefined,
    onKilled: (by) => counts.fault(`killed by ${by}`),
    wasAway: () => false,
    onFault: counts.fault,
    onReady: () => {
      starts += 1
    },
  })
  const load = { onTelegram: 6, onWeb: 4, perSecond: 20 }
  const random = createRandom(options.seed)
  try {
    await slot.start()
    const people = gatherPeople({ town, witness, random, ...load })
    const listening = setInterval(people.listen, 20)
    const knocker = startKnocking(town, witness)
    await sleep(warmUpMs)
    const seen = await duringOutage(options, town, () => slot.port() ?? 0, witness, knocker)
    const workingMs = await firstAnswer(witness)
    people.hush()
    await knocker.stop()
    const settledMs = await within(settleMs, () => witness.missing() === 0 && people.unsent() === 0)
    await sleep(echoMs(pace))
    await slot.stop()
    clearInterval(listening)
    people.listen()
    people.close()
    const faults = [...counts.faults, ...people.broken()]
    return { ...witness.report(), ...seen, rude: knocker.rude(), workingMs, settledMs, starts, faults }
  } finally {
    await slot.destroy()
    await town.close()
  }
}

async function duringOutage(
  { seconds, takeAway, bringBack }: OutageOptions,
  town: Town,
  port: () => number,
  witness: Witness,
  knocker: ReturnType<typeof startKnocking>,
): Promise<Pick<OutageReport, 'webhook' | 'livez' | 'readyz' | 'health' | 'databaseUp' | 'diskFree'>> {
  const probes = { livez: [] as number[], readyz: [] as number[], health: [] as number[] }
  const mended = witness.broke()
  await takeAway(town)
  knocker.statuses()
  // A full disk shows only when the room in the files that are there is used up.
  await within(fillMs, knocker.refused)
  const end = performance.now() + seconds * 1000
  const half = end - seconds * 500
  while (performance.now() < end) {
    await sleep(200)
    for (const name of ['livez', 'readyz', 'health'] as const) {
      const asked = await fetch(`http://127.0.0.1:${port()}/${name}`).catch(() => undefined)
      await asked?.arrayBuffer()
      if (performance.now() > half || name === 'livez') probes[name].push(asked?.status ?? 0)
    }
  }
  const webhook = knocker.statuses()
  const metrics = await (await fetch(`http://127.0.0.1:${port()}/metrics`)).text()
  await bringBack(town)
  mended()
  witness.waits()
  const databaseUp = valueIn(metrics, 'dependency_up{dependency="database"}')
  return { webhook, ...probes, databaseUp, diskFree: valueIn(metrics, 'disk_free_ratio') }
}

function valueIn(metrics: string, series: string): number {
  const line = metrics.split('\n').find((text) => text.startsWith(`${series} `))
  return line === undefined ? Number.NaN : Number(line.slice(series.length))
}

/** Until something asked from now on is answered, in milliseconds. */
async function firstAnswer(witness: Witness): Promise<number> {
  const asked = witness.asked()
  return within(settleMs, () => witness.newest() > asked)
}

async function within(ms: number, met: () => boolean): Promise<number> {
  const begun = performance.now()
  while (!met() && performance.now() - begun < ms) await sleep(20)
  return met() ? performance.now() - begun : Number.POSITIVE_INFINITY
}
