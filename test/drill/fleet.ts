import type { Target } from '../../deploy/steps/roll.ts'
import { type Place, placesFor, type Role, servesPeople } from '../crash/launch.ts'
import type { Front } from './front.ts'
import { type Process, startProcess } from './process.ts'
import type { Release } from './release.ts'

/** The processes of an installation on this machine, as a place to deploy to. */
export interface Fleet extends Target {
  /** Starts every process of the first release, where nothing ran. */
  begin(release: Release): Promise<void>
  /** References of what runs, process by process. */
  running(): string[]
  /** Processes replaced so far. */
  replaced(): number
  /** Ends all in good order. */
  stop(): Promise<void>
  destroy(): Promise<void>
}

export interface FleetNeeds {
  folder: string
  env: Record<string, string>
  front: Front
  /** What may be set. */
  releases: readonly Release[]
  /** How long a process may take to be ready, in milliseconds. */
  readyMs(): number
  /** Called when the first process of each role is of the new release and the others are not: resolves when it may go on. */
  betweenTwo(): Promise<void>
  onFault(what: string): void
}

const places = placesFor('postgres')

export function createFleet(needs: FleetNeeds): Fleet {
  const { front, onFault } = needs
  const current = new Map<string, Process>()
  const all = new Set<Process>()
  let replaced = 0

  async function launch(place: Place, release: Release): Promise<Process> {
    const process = await startProcess({ ...needs, place, release, onFault })
    all.add(process)
    return process
  }

  /** The successor is ready and known before the predecessor is told to end; nobody tells nginx that it is about to. */
  async function replace(place: Place, release: Release): Promise<void> {
    const old = current.get(place.name)
    if (old?.release === release) return
    const next = await launch(place, release)
    try {
      await next.ready(needs.readyMs())
    } catch (error) {
      await next.destroy()
      throw error
    }
    current.set(place.name, next)
    if (servesPeople(place.role)) await tellFront(old)
    await old?.stop()
    replaced += 1
    if (servesPeople(place.role)) await tellFront()
  }

  let telling = Promise.resolve()
  /** `leaving`: it is still there. */
  function tellFront(leaving?: Process): Promise<void> {
    telling = telling.then(() => {
      const serving = places.flatMap((place) =>
        servesPeople(place.role) ? (current.get(place.name) ?? []) : [],
      )
      return front.turnTo([...serving, ...(leaving ? [leaving] : [])].map(({ port }) => port))
    })
    return telling
  }

  /** Roles beside each other, as a cluster does it; of each role one process after the other. */
  async function setAll(release: Release, betweenTwo: () => Promise<void>): Promise<void> {
    const roles = [...new Set(places.map(({ role }) => role))]
    const failed = { is: false }
    const rolled = roles.map((role) => rollOf(role, release, betweenTwo, failed))
    const outcomes = await Promise.allSettled(rolled)
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
  }

  async function rollOf(
    role: Role,
    release: Release,
    betweenTwo: () => Promise<void>,
    failed: { is: boolean },
  ) {
    const own = places.filter((place) => place.role === role)
    for (const [index, place] of own.entries()) {
      if (failed.is) return
      if (index > 0) await betweenTwo()
      try {
        await replace(place, release)
      } catch (error) {
        failed.is = true
        throw error
      }
    }
  }

  return {
    async begin(release) {
      await Promise.all(
        places.map(async (place) => {
          const process = await launch(place, release)
          current.set(place.name, process)
          await process.ready(60_000)
        }),
      )
      await tellFront()
    },
    running: () => [...current.values()].map(({ release }) => release.image.reference),
    replaced: () => replaced,
    async remember() {
      const before = new Map([...current].map(([name, { release }]) => [name, release]))
      return async () => {
        for (const place of places) {
          const release = before.get(place.name)
          if (release) await replace(place, release)
        }
      }
    },
    current: async () => [...current.values()].map(({ release }) => release.image.reference),
    async set({ reference }) {
      const release = needs.releases.find(({ image }) => image.reference === reference)
      if (!release) throw new Error(`There is no ${reference}.`)
      await setAll(release, needs.betweenTwo)
    },
    stop: async () => void (await Promise.all([...current.values()].map((process) => process.stop()))),
    destroy: async () => void (await Promise.all([...all].map((process) => process.destroy()))),
  }
}
