import { type Child, type Command, startChild } from '../processes/child.ts'
import { createFolder } from '../processes/keep.ts'
import { freePort, until } from '../processes/port.ts'
import { startPostgres } from '../servers/postgres.ts'
import { startRedis } from '../servers/redis.ts'
import type { DatabaseServer } from '../servers/server.ts'
import type { Place, Subject } from './subject.ts'

export interface Running {
  /** Ports of the processes that take the webhook. */
  ports: number[]
  folder: string
  /** Address of its PostgreSQL and the folder of its cluster; empty without. */
  databaseUrl: string
  databaseFolder: string
  children: Child[]
  /** Its processes and its databases; their descendants belong to it as well. */
  roots: number[]
  assertAlive(): void
  stop(): Promise<void>
}

export interface StartOptions {
  core: number | undefined
  telegram: string
  model: string
  /** Databases may use every core. */
  freeDatabases?: boolean
  /** Further settings of PostgreSQL. */
  postgres?: Record<string, string>
  /** Fills its database before its processes start. */
  prepare?: (place: Place) => Promise<void>
  /** Changes a command before it is run. */
  adapt?: (command: Command, index: number) => Command
}

/** Starts a subject with databases of its own; resolves when each of its processes answers. */
export async function startSubject(subject: Subject, options: StartOptions): Promise<Running> {
  const folder = await createFolder()
  const stops: (() => Promise<void>)[] = [folder.remove]
  const stop = async (): Promise<void> => {
    for (const end of stops.toReversed()) await end()
  }
  try {
    const servers = await startServers(subject, options, stops)
    const urlOf = (kind: ServerKind): string => servers.get(kind)?.url ?? ''
    const ports = await Promise.all(Array.from({ length: mostProcesses }, () => freePort()))
    const urls = { databaseUrl: urlOf('postgres'), redisUrl: urlOf('redis') }
    const place = { ...options, ...urls, folder: folder.path, ports }
    await options.prepare?.(place)
    const children = await startProcesses(await subject.commands(place), options, place, stops)
    return {
      ports: subject.receivers.map((index) => ports[index] ?? 0),
      folder: folder.path,
      databaseUrl: urls.databaseUrl,
      databaseFolder: servers.get('postgres')?.folder ?? '',
      children,
      roots: [...children, ...servers.values()].map(({ pid }) => pid),
      assertAlive: () => children.forEach((child) => child.assertAlive()),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

type ServerKind = Subject['servers'][number]
const mostProcesses = 4

async function startServers(
  { servers: kinds }: Subject,
  { core, freeDatabases, postgres }: StartOptions,
  stops: (() => Promise<void>)[],
): Promise<Map<ServerKind, DatabaseServer>> {
  const servers = new Map<ServerKind, DatabaseServer>()
  const serverCore = freeDatabases ? undefined : core
  for (const kind of kinds) {
    const server =
      kind === 'postgres' ? await startPostgres(serverCore, postgres) : await startRedis(serverCore)
    servers.set(kind, server)
    stops.push(server.stop)
  }
  return servers
}

async function startProcesses(
  commands: Command[],
  { core, adapt = (command) => command }: StartOptions,
  { folder, ports }: Place,
  stops: (() => Promise<void>)[],
): Promise<Child[]> {
  const children: Child[] = []
  for (const [index, command] of commands.entries()) {
    const child = startChild(adapt({ cwd: folder, core, ...command }, index))
    children.push(child)
    stops.push(child.stop)
    await untilReady(child, ports[index] ?? 0)
  }
  return children
}

const readyMs = 30_000

async function untilReady(child: Child, port: number): Promise<void> {
  await until('the subject did not become ready', readyMs, async () => {
    child.assertAlive()
    const response = await fetch(`http://127.0.0.1:${port}/livez`).catch(() => undefined)
    await response?.text()
    return response !== undefined
  })
}
