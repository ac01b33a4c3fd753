import { setTimeout as sleep } from 'node:timers/promises'
import { type Outcome as RollOutcome, roll } from '../../deploy/steps/roll.ts'
import { startAudit } from '../crash/audit.ts'
import type { Pace } from '../crash/launch.ts'
import { gatherPeople, type People } from '../crash/people.ts'
import { createRandom } from '../crash/random.ts'
import { buildTown, type Town } from '../crash/town.ts'
import { createWitness, type Report, type Witness } from '../crash/witness.ts'
import { type Broken, breakages } from './broken.ts'
import { createFleet, type Fleet } from './fleet.ts'
import { type Answer, type Front, startFront } from './front.ts'
import { createOnlooker, type Onlooker } from './onlooker.ts'
import type { Release } from './release.ts'
import { expandSchema } from './schema.ts'

export interface DrillOptions {
  from: Release
  to: Release
  seed: number
  /** Folder for what it makes. */
  folder: string
  /** There and back so often, and until so many minutes are over. */
  rounds: number
  minutes: number
  /** Old and new run beside each other so long, and one of them alone, in milliseconds. */
  besideMs: number
  aloneMs: number
  /** Of a release that is never ready. */
  patienceMs: number
  people: { onTelegram: number; onWeb: number; perSecond: number }
  pace?: Pace
  say(line: string): void
}

export interface Outcome extends Report {
  seed: number
  seconds: number
  /** How often a roll ended in which way. */
  rolls: Record<RollOutcome, number>
  /** Processes replaced. */
  replaced: number
  answers: Answer[]
  /** Times at which two versions were seen to answer beside each other. */
  beside: number
  /** What was not as it should be, besides messages and answers. */
  faults: string[]
  settledMs: number
  broken: string[]
}

interface Scene {
  options: DrillOptions
  town: Town
  front: Front
  fleet: Fleet
  witness: Witness
  people: People
  onlooker: Onlooker
  rolls: Outcome['rolls']
  faults: string[]
  /** Of processes that start now. */
  patience: { ms: number }
}

const readyMs = 60_000
const verifyMs = 20_000
const settleMs = 90_000
const lateMs = 1500
const listenMs = 20

/** Deploys a release over another and takes it back, over and over, while people write; then judges. */
export async function drill(options: DrillOptions): Promise<Outcome> {
  const faults: string[] = []
  const onFault = (what: string): void => void faults.push(what)
  const front = await startFront(options.folder)
  const town = await buildTown({
    ...options,
    kind: 'postgres',
    receive: 'webhook',
    megabytes: 1000,
    open: () => [front.port],
  })
  const witness = createWitness()
  const onlooker = createOnlooker(front.port, onFault)
  const patience = { ms: readyMs }
  const broken = breakages(options)
  const fleet = createFleet({
    folder: town.folder,
    env: { ...town.env, TRUST_PROXY: 'true', LOG_LEVEL: 'info' },
    front,
    releases: [options.from, options.to, ...broken.map(({ release }) => release)],
    readyMs: () => patience.ms,
    betweenTwo: () => onlooker.expectTwo(options.besideMs),
    onFault,
  })
  try {
    await fleet.begin(options.from)
    options.say(`${options.from.image.reference} runs`)
    const people = gatherPeople({
      town,
      witness,
      random: createRandom(options.seed, 'people'),
      ...options.people,
    })
    const rolls = { set: 0, untouched: 0, back: 0, overtaken: 0, lost: 0 }
    return await play(
      { options, town, front, fleet, witness, people, onlooker, rolls, faults, patience },
      broken,
    )
  } finally {
    onlooker.close()
    await fleet.destroy()
    await town.close()
    await front.close()
  }
}

async function play(scene: Scene, broken: Broken[]): Promise<Outcome> {
  const { options, town, fleet, front, witness, people, onlooker, rolls, faults } = scene
  const begun = performance.now()
  const listening = setInterval(people.listen, listenMs)
  const audit = startAudit(town, (what) => faults.push(what))
  try {
    onlooker.start()
    await sleep(options.aloneMs)
    faults.push(...(await expandSchema({ ...options, town, byStart: options.seed % 2 === 0 })))
    await sleep(options.aloneMs)
    await thereAndBack(scene, broken)
    people.hush()
    const settledMs = await settle(witness, people)
    const answers = front.answers()
    onlooker.close()
    await fleet.stop()
    people.listen()
    const seconds = (performance.now() - begun) / 1000
    const { beside, replaced } = { beside: onlooker.timesTwo(), replaced: fleet.replaced() }
    const seen = { rolls, replaced, answers, beside, faults, settledMs, broken: people.broken() }
    return { ...witness.report(), seed: options.seed, seconds, ...seen }
  } finally {
    clearInterval(listening)
    people.close()
    await audit.end()
  }
}

async function thereAndBack(scene: Scene, broken: Broken[]): Promise<void> {
  const { options } = scene
  const { from, to, aloneMs, minutes, rounds } = options
  const until = performance.now() + minutes * 60_000
  const random = createRandom(options.seed, 'broken')
  let left = [...broken]
  for (let round = 0; round < rounds || performance.now() < until; round += 1) {
    await rollTo(scene, to, 'set')
    await sleep(aloneMs)
    await rollTo(scene, from, 'set')
    await sleep(aloneMs)
    if (left.length === 0) left = [...broken]
    const next = random.pick(left)
    left = left.filter((each) => each !== next)
    options.say(`a release that ${next.what}`)
    scene.patience.ms = next.isNeverReady ? options.patienceMs : readyMs
    await rollTo(scene, next.release, 'back')
    scene.patience.ms = readyMs
  }
}

async function rollTo(scene: Scene, release: Release, expected: RollOutcome): Promise<void> {
  const { options, town, fleet, onlooker, rolls, faults } = scene
  const { image } = release
  const url = town.front
  const before = fleet.running()
  const seenBefore = onlooker.timesTwo()
  const outcome = await roll(fleet, { image, url, verifyMs, say: options.say })
  rolls[outcome] += 1
  if (outcome !== expected)
    faults.push(`the roll to ${image.reference} ended with ${outcome}, not ${expected}`)
  if (expected === 'set' && onlooker.timesTwo() === seenBefore)
    faults.push(`${image.reference} and the one before were never seen beside each other`)
  const wanted = (expected === 'back' ? before : before.map(() => image.reference)).join(', ')
  const running = fleet.running().join(', ')
  if (running !== wanted) faults.push(`not ${wanted} but ${running} runs`)
}

/** How long the last answers took. */
async function settle(witness: Witness, people: People): Promise<number> {
  const begun = performance.now()
  while (performance.now() - begun < settleMs) {
    if (witness.missing() === 0 && people.unsent() === 0) {
      const took = performance.now() - begun
      await sleep(lateMs)
      return took
    }
    await sleep(listenMs)
  }
  return Number.POSITIVE_INFINITY
}
