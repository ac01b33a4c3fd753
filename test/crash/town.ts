import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import type { Behaviour } from '../fakes/model/behaviour.ts'
import { createFakeModels, type FakeModels, type FakeRequest } from '../fakes/model/server.ts'
import type { FakeBot } from '../fakes/telegram/bot.ts'
import { createFakeTelegram, type FakeTelegram, fakeToken } from '../fakes/telegram/telegram.ts'
import type { DatabaseKind } from '../support/stores.ts'
import { answerTo, numbersIn } from './answers.ts'
import { environmentFor, type Pace, type Surroundings, writeConfiguration } from './launch.ts'
import { type Proxy, startProxy } from './proxy.ts'
import type { Line } from './schedule.ts'
import { type CrashDatabase, startCrashDatabase } from './servers/database.ts'
import { createDisk, type Disk } from './servers/disk.ts'
import { createCrashFolder, removeFolder, removeLeftFolders } from './servers/folder.ts'
import { type CrashRedis, startCrashRedis } from './servers/redis.ts'

/** Everything around the application: databases, platforms, models, and the lines to them. */
export interface Town {
  folder: string
  telegram: FakeTelegram
  bot: FakeBot
  models: FakeModels
  /** What the first model does with the next calls; the second always answers. */
  disturbModel(behaviours: Behaviour[]): void
  /** PostgreSQL; undefined on the embedded database. */
  database: CrashDatabase | undefined
  redis: CrashRedis | undefined
  /** Rows of a query, past the application; of the embedded database once all processes have ended. */
  ask(sql: string): Promise<Record<string, unknown>[]>
  /** Where the data lies. */
  disk: Disk
  proxies: Record<Line, Proxy | undefined>
  /** `http://…` that people and the platform reach. */
  front: string
  env: Record<string, string>
  /** Words to put before a program that is to see the data. */
  within: readonly string[]
  close(): Promise<void>
}

export interface TownOptions {
  kind: DatabaseKind
  receive: Surroundings['receive']
  /** Size of the disk the data lies on. */
  megabytes: number
  pace?: Pace
  /** Ports of the processes that serve people at this moment. */
  open(): readonly number[]
}

/** The embedded database. */
const file = 'parley.db'

export async function buildTown({ kind, receive, megabytes, pace, open }: TownOptions): Promise<Town> {
  await removeLeftFolders()
  const closers: (() => Promise<unknown>)[] = []
  const kept = <T>(part: T, close: (part: T) => Promise<unknown>): T => {
    closers.unshift(() => close(part))
    return part
  }
  const close = async (): Promise<void> => {
    for (const one of closers.splice(0)) await one()
  }
  try {
    const folder = kept(createCrashFolder(), removeFolder)
    const database =
      kind === 'postgres' ? kept(await startCrashDatabase(megabytes), (one) => one.close()) : undefined
    const disk = database?.disk ?? kept(await createDisk({ megabytes }), (one) => one.close())
    const redis = kind === 'postgres' ? kept(await startCrashRedis(), (one) => one.close()) : undefined
    const telegram = kept(
      await createFakeTelegram({ webhookRetryMs: 20, webhookTimeoutMs: 5000, record: false }),
      (one) => one.stop(),
    )
    const models = kept(await createFakeModels(), (one) => one.close())
    const disturbModel = scriptModels(models)
    const via = async (targets: () => readonly number[]): Promise<Proxy> =>
      kept(await startProxy(targets), (one) => one.close())
    const to = (port: number): Promise<Proxy> => via(() => [port])
    const proxies = {
      front: await via(open),
      database: database && (await to(database.port)),
      redis: redis && (await to(redis.port)),
      telegram: await to(portOf(telegram.root)),
      model: await to(portOf(models.origin)),
    }
    const front = `http://127.0.0.1:${proxies.front.port}`
    await writeConfiguration(folder, pace)
    const env = environmentFor({
      folder,
      front,
      receive,
      database:
        database && proxies.database
          ? { url: database.url(proxies.database.port) }
          : { path: join(disk.folder, file) },
      redisUrl: proxies.redis && `redis://127.0.0.1:${proxies.redis.port}`,
      telegramRoot: `http://127.0.0.1:${proxies.telegram.port}`,
      models: {
        first: models.baseUrl('openai').replace(models.origin, `http://127.0.0.1:${proxies.model.port}`),
        second: models.baseUrl('compatible'),
      },
    })
    const within = database ? [] : disk.within
    const ask = database?.ask ?? ((sql: string) => askCopy(disk, sql))
    const bot = telegram.bot(fakeToken)
    return {
      folder,
      telegram,
      bot,
      models,
      disturbModel,
      database,
      redis,
      ask,
      disk,
      proxies,
      front,
      env,
      within,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** Of a copy: SQLite finds no file by a path into another name space, and whoever opens it takes part in its recovery. */
async function askCopy(disk: Disk, sql: string): Promise<Record<string, unknown>[]> {
  const folder = createCrashFolder()
  await cp(disk.outside, folder, { recursive: true, filter: (path) => !path.endsWith('-shm') })
  const copy = new BetterSqlite3(join(folder, file))
  try {
    return copy.prepare<[], Record<string, unknown>>(sql).all()
  } finally {
    copy.close()
    await removeFolder(folder)
  }
}

const portOf = (address: string): number => Number(new URL(address).port)

/** Both models answer with the numbers of what they were asked; the first does worse when told to. */
function scriptModels(models: FakeModels): Town['disturbModel'] {
  const planned: Behaviour[] = []
  models.always((request) => {
    const trouble = request.provider === 'openai' ? planned.shift() : undefined
    return { ...echoNumbers(request), ...trouble }
  })
  return (behaviours) => void planned.push(...behaviours)
}

/** Answers with the numbers of the last paragraph: of the burst, and of nothing before it. */
export function echoNumbers({ body }: FakeRequest, paragraphs?: number): { tokens: string[] } {
  const { messages } = body as { messages: { role: string; content: string }[] }
  const asked = messages.findLast((message) => message.role === 'user')?.content ?? ''
  return { tokens: answerTo(numbersIn(asked.slice(asked.lastIndexOf('\n\n') + 1)), paragraphs) }
}
