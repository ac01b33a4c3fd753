import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import pg from 'pg'
import { postgresPrograms } from '../../support/servers/postgres.ts'
import { accountFor, freePort } from '../../support/servers/server.ts'
import { createDisk, type Disk } from './disk.ts'
import { ended, spawnTethered } from './tethered.ts'

/** A PostgreSQL of one run, made to be killed. */
export interface CrashDatabase {
  /** Its port, the same after each start. */
  port: number
  /** Its address when reached through `port`. */
  url(port: number): string
  disk: Disk
  /** `fast` and `immediate` as pg_ctl names them; `kill`: SIGKILL of the postmaster. */
  stop(how: 'fast' | 'immediate' | 'kill'): Promise<void>
  /** Resolves when it answers again. */
  start(): Promise<void>
  /** SIGKILL of one server process in the middle of its work: the others are ended too and the server recovers. */
  killBackend(): Promise<void>
  /** Rows of a query over a connection of its own. */
  ask(sql: string): Promise<Record<string, unknown>[]>
  close(): Promise<void>
}

const signals = { fast: 'SIGINT', immediate: 'SIGQUIT', kill: 'SIGKILL' } as const

/** Durable as in production, on a disk of its own in memory. */
export async function startCrashDatabase(megabytes: number): Promise<CrashDatabase> {
  const programs = postgresPrograms()
  if (programs === undefined) throw new Error('PostgreSQL is missing: install the package postgresql.')
  const account = accountFor('postgres')
  const disk = await createDisk({ megabytes, account })
  const port = await freePort()
  const data = join(disk.folder, 'data')
  const options = { account, within: disk.within, cwd: '/', stdio: 'ignore' } as const
  const initialise = [
    join(programs, 'initdb'),
    '-D',
    data,
    '--username=postgres',
    '--auth=trust',
    '--no-sync',
  ]
  const made = await ended(spawnTethered([...initialise, '--encoding=UTF8', '--locale=C'], options))
  if (made !== 0) throw new Error(`initdb ended with ${made}`)
  const url = (through: number): string => `postgres://postgres@127.0.0.1:${through}/postgres`
  let server: ChildProcess | undefined

  async function ask(sql: string): Promise<Record<string, unknown>[]> {
    const client = new pg.Client({ connectionString: url(port), connectionTimeoutMillis: 2000 })
    // The server may be killed in between: the query tells.
    client.on('error', () => undefined)
    try {
      await client.connect()
      return (await client.query<Record<string, unknown>>(sql)).rows
    } finally {
      await client.end().catch(() => undefined)
    }
  }

  /** After a SIGKILL the server does not start before its last process has noticed: then it is started again. */
  async function start(): Promise<void> {
    for (const end = Date.now() + 60_000; Date.now() < end; ) {
      if (!server || server.exitCode !== null || server.signalCode !== null) {
        server = spawnTethered([join(programs ?? '', 'postgres'), ...serverArguments(data, port)], options)
      }
      const answered = await ask('select 1').catch(() => undefined)
      if (answered) return
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    throw new Error('PostgreSQL did not answer within a minute')
  }

  async function stop(how: 'fast' | 'immediate' | 'kill'): Promise<void> {
    if (!server) return
    server.kill(signals[how])
    await ended(server)
  }

  await start()
  return {
    port,
    url,
    disk,
    stop,
    start,
    ask,
    async killBackend() {
      const backends = await ask(
        "select pid from pg_stat_activity where application_name = 'parley' order by state, pid limit 1",
      ).catch(() => [])
      const pid = Number(backends[0]?.pid ?? 0)
      if (pid > 0) process.kill(pid, 'SIGKILL')
    },
    async close() {
      await stop('immediate')
      await disk.close()
    },
  }
}

function serverArguments(data: string, port: number): string[] {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    shared_buffers: '64MB',
    wal_recycle: 'off',
    max_wal_size: '64MB',
    fsync: 'on',
  }
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  return ['-D', data, '-p', String(port), ...flags]
}
