import { setTimeout as sleep } from 'node:timers/promises'
import type { DatabaseKind } from '../support/stores.ts'
import { type Absences, createAbsences, isAbsence } from './absences.ts'
import { type Arm, armFrom } from './arm.ts'
import { type Audit, startAudit } from './audit.ts'
import { isRecorded } from './backlog.ts'
import { createCounts, type Counts } from './counts.ts'
import { disturb, recordedIn } from './disturb.ts'
import {
  echoMs,
  type Pace,
  placesFor,
  pointsOf,
  sendsReplies,
  servesPeople,
  type Surroundings,
} from './launch.ts'
import { gatherPeople, type People } from './people.ts'
import { createRandom } from './random.ts'
import { describeStep, type Disturbance, lines, schedule, type ScheduleOptions } from './schedule.ts'
import { createSlot, type Slot } from './slot.ts'
import { buildTown, type Town } from './town.ts'
import { createWitness, type Report, type Witness } from './witness.ts'

export interface StormOptions {
  kind: DatabaseKind
  receive: Surroundings['receive']
  seed: number
  /** It goes on until so many processes were killed and so much was written … */
  kills: number
  messages: number
  /** … but no longer than this. */
  minutes: number
  people: { onTelegram: number; onWeb: number; perSecond: number }
  livesMs: ScheduleOptions['livesMs']
  pauseMs: ScheduleOptions['pauseMs']
  weights: ScheduleOptions['weights']
  /** How often a process is started with an order to die at a named point, 0 to 1. */
  armed: number
  /** Size of the disk the data lies on. */
  megabytes: number
  pace?: Pace
  /** Told of each step. */
  onStep?(step: string): void
  /** Told now and then how it stands. */
  onProgress?(line: string): void
}

export interface Outcome extends Report {
  seed: number
  seconds: number
  counts: Counts
  audit: Audit
  /** From the last start until everything was answered, in milliseconds; infinite when it never was. */
  settledMs: number
  /** What pages saw that they must never see. */
  broken: string[]
}

/** Longest wait for the last answer, in milliseconds. */
const settleMs = 90_000
const listenMs = 20
const progressMs = 10_000

/** What plays together in one storm. */
interface Scene {
  options: StormOptions
  town: Town
  slots: Slot[]
  witness: Witness
  counts: Counts
  arm: Arm
  absences: Absences
}

/** Lets the schedule of a seed loose on an installation while people write, then lets it settle and judges. */
export async function storm(options: StormOptions): Promise<Outcome> {
  const witness = createWitness()
  const slots: Slot[] = []
  const open = (): number[] =>
    slots.filter(({ place }) => servesPeople(place.role)).flatMap((slot) => slot.port() ?? [])
  const town = await buildTown({ ...options, open })
  const scene = {
    options,
    town,
    slots,
    witness,
    counts: createCounts(),
    arm: armFrom(options),
    absences: createAbsences(),
  }
  try {
    slots.push(...placesFor(options.kind).map((place) => slotOf(place, scene)))
    await Promise.all(slots.map((slot) => slot.start()))
    return await play(scene)
  } finally {
    await Promise.all(slots.map((slot) => slot.destroy()))
    await town.close()
  }
}

function slotOf(place: Slot['place'], { town, witness, counts, arm, absences }: Scene): Slot {
  return createSlot({
    place,
    folder: town.folder,
    env: town.env,
    within: town.within,
    arm: () => arm.next(place, pointsOf[place.role]),
    onKilled(by) {
      witness.waits()
      if (sendsReplies(place.role)) showKill(town, witness)
      counts.killed(place.name, by)
    },
    wasAway: absences.since,
    onFault: (what) => counts.fault(`${place.name} ${what}`),
    onReady: counts.started,
  })
}

/** Its like cannot have sent what it left before its leases end: by then it is known what it had recorded. */
function showKill({ database }: Town, witness: Witness): void {
  witness.broke({ isProcess: true, isShown: database !== undefined })()
  if (database) void recordedIn(database).then(witness.shown)
}

async function play(scene: Scene): Promise<Outcome> {
  const { options, town, slots, witness, counts, arm } = scene
  const { seed } = options
  const people = gatherPeople({ town, witness, random: createRandom(seed, 'people'), ...options.people })
  const begun = performance.now()
  const listening = setInterval(people.listen, listenMs)
  const progress = setInterval(() => options.onProgress?.(counts.line(witness)), progressMs)
  const audit = startAudit(town, counts.fault)
  try {
    await rage(scene)
    arm.disarm()
    people.hush()
    const settledMs = await settle(scene, people)
    for (const slot of slots) await slot.stop()
    people.listen()
    const seconds = (performance.now() - begun) / 1000
    return { ...witness.report(), seed, seconds, counts, audit, settledMs, broken: people.broken() }
  } finally {
    clearInterval(listening)
    clearInterval(progress)
    people.close()
    await audit.end()
  }
}

/** One step after the other; those that last go on while the next begin. */
async function rage({ options, town, slots, witness, counts, absences }: Scene): Promise<void> {
  const { seed, weights, livesMs, pauseMs } = options
  const end = performance.now() + options.minutes * 60_000
  const lasting = new Map<string, Promise<void>>()
  const known = lines.filter((line) => town.proxies[line])
  const isOver = (): boolean =>
    performance.now() > end || (counts.kills() >= options.kills && witness.asked() >= options.messages)
  for (const step of schedule({ seed, places: slots.length, weights, lines: known, livesMs, pauseMs })) {
    await sleep(step.afterMs)
    if (isOver()) break
    const name = nameOf(step.disturbance)
    // What is being restarted cannot be stopped once more.
    await lasting.get(name)
    counts.step(step.disturbance.kind)
    options.onStep?.(describeStep(step))
    const back = isAbsence(step.disturbance) ? absences.begin() : undefined
    const done = disturb({ town, slots, witness }, step.disturbance)
      .catch((error: unknown) => counts.fault(`${describeStep(step)}: ${String(error)}`))
      .finally(() => {
        back?.()
        lasting.delete(name)
      })
    lasting.set(name, done)
  }
  await Promise.all(lasting.values())
}

/** What cannot suffer two disturbances at once. */
function nameOf(disturbance: Disturbance): string {
  switch (disturbance.kind) {
    case 'kill':
    case 'replace':
      return `process ${disturbance.place}`
    case 'postgres':
    case 'disk':
      return 'postgres'
    case 'network':
      return `line ${disturbance.line}`
    default:
      return disturbance.kind
  }
}

/**
 * Waits until all processes run and everything is answered, and then until nothing can come again: what was sent without
 * the answer being seen is tried once more after a pause. How long the answers took after the last process was started.
 */
async function settle({ options, slots, witness }: Scene, people: People): Promise<number> {
  const deadline = performance.now() + settleMs
  let running: number | undefined
  while (performance.now() < deadline) {
    // Who was told to die at a point may do so only now.
    running = slots.every((slot) => slot.port() !== undefined) ? (running ?? performance.now()) : undefined
    if (running !== undefined && witness.missing() === 0 && people.unsent() === 0) {
      const took = performance.now() - running
      await sleep(echoMs(options.pace))
      while (performance.now() < deadline && !(await isRecorded(slots[0]?.port() ?? 0))) await sleep(listenMs)
      return took
    }
    await sleep(listenMs)
  }
  return Number.POSITIVE_INFINITY
}
