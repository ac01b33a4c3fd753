import { setTimeout as sleep } from 'node:timers/promises'
import type { DatabaseKind } from '../support/stores.ts'
import { type Arm, armFrom } from './arm.ts'
import { createCounts, type Counts } from './counts.ts'
import { disturb } from './disturb.ts'
import { placesFor, pointsOf, servesPeople, type Surroundings } from './launch.ts'
import { gatherPeople, type People } from './people.ts'
import { createRandom } from './random.ts'
import { describeStep, lines, schedule, type ScheduleOptions } from './schedule.ts'
import { createSlot, type Slot } from './slot.ts'
import { buildTown, type Town } from './town.ts'
import { createWitness, type Report, type Witness } from './witness.ts'

export interface StormOptions {
  kind: DatabaseKind
  receive: Surroundings['receive']
  seed: number
  /** It goes on until so many processes were killed … */
  kills: number
  /** … but no longer than this. */
  minutes: number
  people: { onTelegram: number; onWeb: number; perSecond: number }
  /** Between two steps of the schedule, in milliseconds. */
  pauseMs: ScheduleOptions['pauseMs']
  weights: ScheduleOptions['weights']
  /** How often a process is started with an order to die at a named point, 0 to 1. */
  armed: number
  megabytes: number
  /** Told of each step, and now and then how it stands. */
  log?(line: string): void
}

export interface Outcome extends Report {
  seed: number
  seconds: number
  counts: Counts
  /** From the last start until everything was answered, in milliseconds; undefined: it never was. */
  settledMs: number | undefined
  /** What pages saw that they must never see. */
  broken: string[]
}

/** Longest wait for the last answer, in milliseconds. */
const settleMs = 60_000
const progressMs = 10_000

/** Lets the schedule of a seed loose on an installation while people write, then lets it settle and judges. */
export async function storm(options: StormOptions): Promise<Outcome> {
  const witness = createWitness()
  const slots: Slot[] = []
  const { kind, receive, megabytes } = options
  const open = (): number[] =>
    slots.filter(({ place }) => servesPeople(place.role)).flatMap((slot) => slot.port() ?? [])
  const town = await buildTown({ kind, receive, megabytes, open })
  const counts = createCounts()
  const arm = armFrom(options)
  let people: People | undefined
  try {
    slots.push(...placesFor(kind).map((place) => slotOf(place, { town, witness, counts, arm })))
    await Promise.all(slots.map((slot) => slot.start()))
    people = gatherPeople({ town, witness, random: createRandom(options.seed, 'people'), ...options.people })
    const begun = performance.now()
    await rage(options, { town, slots, witness, counts, people })
    arm.disarm()
    people.hush()
    const settledMs = await settle({ slots, witness, people })
    for (const slot of slots) await slot.stop()
    people.listen()
    const seconds = (performance.now() - begun) / 1000
    return { ...witness.report(), seed: options.seed, seconds, counts, settledMs, broken: people.broken() }
  } finally {
    people?.close()
    await Promise.all(slots.map((slot) => slot.destroy()))
    await town.close()
  }
}

interface SlotParts {
  town: Town
  witness: Witness
  counts: Counts
  arm: Arm
}

function slotOf(place: Slot['place'], { town, witness, counts, arm }: SlotParts): Slot {
  return createSlot({
    place,
    folder: town.folder,
    env: town.env,
    within: town.within,
    arm: () => arm.next(place, pointsOf[place.role]),
    onKilled(_, by) {
      witness.killed()
      witness.broke()()
      counts.killed(place.name, by)
    },
    onFault: (_, what) => counts.fault(`${place.name} ${what}`),
    onReady: (_, ms) => counts.started(ms),
  })
}

interface Raging {
  town: Town
  slots: Slot[]
  witness: Witness
  counts: Counts
  people: People
}

/** One step after the other; those that last go on while the next begin. */
async function rage(options: StormOptions, { town, slots, witness, counts, people }: Raging): Promise<void> {
  const { seed, weights, pauseMs, kills, minutes, log = () => undefined } = options
  const end = performance.now() + minutes * 60_000
  const lasting = new Map<string, Promise<void>>()
  const known = lines.filter((line) => town.proxies[line])
  const listening = setInterval(people.listen, 20)
  let toldAt = performance.now()
  try {
    for (const step of schedule({ seed, places: slots.length, weights, lines: known, pauseMs })) {
      await sleep(step.afterMs)
      if (counts.kills() >= kills || performance.now() > end) return
      const name = nameOf(step.disturbance)
      // A server that is being restarted cannot be stopped once more.
      await lasting.get(name)
      counts.step(step.disturbance.kind)
      log(describeStep(step))
      const done = disturb({ town, slots, witness }, step.disturbance)
        .catch((error: unknown) => counts.fault(`${describeStep(step)}: ${String(error)}`))
        .finally(() => lasting.delete(name))
      lasting.set(name, done)
      if (performance.now() - toldAt < progressMs) continue
      toldAt = performance.now()
      log(counts.line(witness.report(), witness.missing()))
    }
  } finally {
    await Promise.all(lasting.values())
    clearInterval(listening)
  }
}

const nameOf = (disturbance: { kind: string; place?: number; line?: string }): string =>
  [disturbance.kind === 'disk' ? 'postgres' : disturbance.kind, disturbance.place, disturbance.line].join(' ')

/** Waits until all processes run and everything is answered; how long the latter took after the former. */
async function settle(about: {
  slots: Slot[]
  witness: Witness
  people: People
}): Promise<number | undefined> {
  const { slots, witness, people } = about
  const deadline = performance.now() + settleMs
  let running: number | undefined
  while (performance.now() < deadline) {
    people.listen()
    if (running === undefined && slots.every((slot) => slot.port() !== undefined)) running = performance.now()
    if (running !== undefined && witness.missing() === 0 && people.unsent() === 0) {
      const took = performance.now() - running
      // A copy would come late: what is still under way gets its time.
      await sleep(1500)
      people.listen()
      return took
    }
    await sleep(20)
  }
  return undefined
}
