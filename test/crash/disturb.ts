import { setTimeout as sleep } from 'node:timers/promises'
import type { Behaviour } from '../fakes/model/behaviour.ts'
import type { Broken } from './breaks.ts'
import type { Disturbance, Line, ModelTrouble } from './schedule.ts'
import type { CrashDatabase } from './servers/database.ts'
import type { Slot } from './slot.ts'
import type { Town } from './town.ts'
import type { Witness } from './witness.ts'

const troubles: Record<ModelTrouble, Behaviour> = {
  '500': { fault: { kind: 'status', status: 500 } },
  '429': { fault: { kind: 'status', status: 429, headers: { 'retry-after': '1' } } },
  hang: { fault: { kind: 'hang' } },
  cut: { fault: { kind: 'cut', after: 1 } },
  nonsense: { fault: { kind: 'nonsense' } },
}

/** Longer than a reply can be under way, in milliseconds. */
const lateMs = 5000
/** How slow a slow line is, in milliseconds each way. */
const slowMs = 100

export interface Scene {
  town: Town
  slots: readonly Slot[]
  witness: Witness
}

/** Lets one thing go wrong and, where it is a state, brings it to its end. Resolves when that is over. */
export async function disturb(scene: Scene, disturbance: Disturbance): Promise<void> {
  const { town, slots } = scene
  switch (disturbance.kind) {
    case 'kill':
      return slots[disturbance.place]?.kill(disturbance.afterMs)
    case 'replace':
      return slots[disturbance.place]?.replace()
    case 'postgres':
      return disturbPostgres(scene, disturbance.how)
    case 'redis':
      return disturbRedis(town, disturbance.how)
    case 'network':
      return disturbLine(scene, disturbance)
    case 'telegram':
      return disturbTelegram(town, disturbance)
    case 'model':
      return town.disturbModel(Array.from({ length: disturbance.calls }, () => troubles[disturbance.how]))
    case 'disk':
      return broken(scene, async () => {
        await town.disk.fill()
        await sleep(disturbance.ms)
        await town.disk.free()
        // A server that could not even recover has ended: its supervisor starts it again.
        await town.database?.start()
      })
  }
}

/** While it lasts, and for a moment before and after, what was sent may not get recorded. */
async function broken(
  scene: { witness: Pick<Witness, 'broke'> },
  work: () => Promise<void>,
  what?: Broken,
): Promise<void> {
  const mended = scene.witness.broke(what)
  try {
    await work()
  } finally {
    mended()
  }
}

type How<K extends Disturbance['kind']> = Extract<Disturbance, { kind: K }>

async function disturbPostgres(scene: Scene, how: How<'postgres'>['how']): Promise<void> {
  const { database } = scene.town
  if (!database) return
  const stopped = async (): Promise<void> => {
    if (how === 'backend') await database.killBackend()
    else await database.stop(how)
    await database.start()
  }
  scene.witness.shown(await recordedIn(database))
  await broken(scene, stopped)
}

/** What everybody sees in it is durable: replies it shows as sent, of late, by the ids of the platform. */
export async function recordedIn({ ask }: CrashDatabase): Promise<ReadonlySet<number>> {
  const since = Date.now() - lateMs
  const sql = `select platform_id from messages where state = 'sent' and platform_id <> '' and settled_at > ${since}`
  // It may be away, or without its tables yet.
  const rows = await ask(sql).catch(() => [])
  return new Set(rows.map((row) => Number(row.platform_id)))
}

async function disturbRedis({ redis }: Town, how: How<'redis'>['how']): Promise<void> {
  if (how === 'flush') return redis?.flush()
  await redis?.stop(how === 'kill' ? 'kill' : 'term')
  await redis?.start()
}

/** What a reply passes on its way out or into the record; the others have nothing to say about it. */
const carriesReplies = (line: Line): boolean => line === 'telegram' || line === 'database'

/** As `disturb`, of the lines alone. */
export async function disturbLine(
  scene: { town: Pick<Town, 'proxies'>; witness: Pick<Witness, 'broke'> },
  { line, how, ms }: How<'network'>,
): Promise<void> {
  const proxy = scene.town.proxies[line]
  if (!proxy) return
  const disturbed = async (): Promise<void> => {
    if (how === 'cut' || how === 'reset') {
      proxy.cut(how === 'cut' ? 'end' : 'reset')
      return
    }
    if (how === 'slow') proxy.slow(slowMs)
    else proxy.hole(true)
    await sleep(ms)
    if (how === 'slow') proxy.slow(0)
    else proxy.hole(false)
  }
  return carriesReplies(line) ? broken(scene, disturbed, { isSlow: how === 'slow' }) : disturbed()
}

async function disturbTelegram({ telegram }: Town, { how, ms }: How<'telegram'>): Promise<void> {
  if (how === '429') return telegram.faults.add('sendMessage', { kind: 'flood', seconds: 1 })
  telegram.faults.add('sendMessage', { kind: 'status', code: 502 }, Number.POSITIVE_INFINITY)
  await sleep(ms)
  telegram.faults.clear()
}
