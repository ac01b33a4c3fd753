import { type Child, type Command, startChild } from '../processes/child.ts'
import { createFolder } from '../processes/keep.ts'
import { freePort, until } from '../processes/port.ts'
import { startPostgres } from '../servers/postgres.ts'
import { startRedis } from '../servers/redis.ts'
import type { DatabaseServer } from '../servers/server.ts'
import type { Subject } from './subject.ts'

export interface Running {
  /** Ports of the processes that take the webhook. */
  ports: number[]
  folder: string
  /** Address of its PostgreSQL; empty without. */
  databaseUrl: string
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
  /** Changes a command before it is run. */
  adapt?: (command: Command, index: number) => Command
}

/** Starts a subject with databases of its own; resolves when each of its processes answers. */
export async function startSubject(subject: Subject, options: StartOptions): Promise<Running> {
  const { core, freeDatabases, adapt = (command) => command } = options
  const folder = await createFolder()
  const stops: (() => Promise<void>)[] = [folder.remove]
  const stop = async (): Promise<void> => {
    for (const end of stops.toReversed()) await end()
  }
  try {
    const servers = new Map<string, DatabaseServer>()
    for (const kind of subject.servers) {
      const server = await (kind === 'postgres' ? startPostgres : startRedis)(freeDatabases ? undefined : core)
      servers.set(kind, server)
      stops.push(server.stop)
    }
    const ports = await Promise.all(Array.from({ length: 4 }, () => freePort()))
    const urlOf = (kind: string): string => servers.get(kind)?.url ?? ''
    const urls = { databaseUrl: urlOf('postgres'), redisUrl: urlOf('redis') }
    const commands = await subject.commands({ ...options, ...urls, folder: folder.path, ports })
    const children: Child[] = []
    for (const [index, command] of commands.entries()) {
      const child = startChild(adapt({ cwd: folder.path, core, ...command }, index))
      children.push(child)
      stops.push(child.stop)
      await untilReady(child, ports[index] ?? 0)
    }
    return {
      ports: subject.receivers.map((index) => ports[index] ?? 0),
      folder: folder.path,
      databaseUrl: urls.databaseUrl,
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

const readyMs = 30_000

async function untilReady(child: Child, port: number): Promise<void> {
  await until('the subject did not become ready', readyMs, async () => {
    child.assertAlive()
    const response = await fetch(`http://127.0.0.1:${port}/livez`).catch(() => undefined)
    await response?.text()
    return response !== undefined
  })
}
