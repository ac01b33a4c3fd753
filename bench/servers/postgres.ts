import { execFileSync } from 'node:child_process'
import { chownSync, existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { startChild } from '../processes/child.ts'
import { createFolder } from '../processes/keep.ts'
import { freePort, until } from '../processes/port.ts'
import type { DatabaseServer } from './server.ts'

/** Folder of the PostgreSQL programs, the newest version first; undefined when there are none. */
export function postgresPrograms(): string | undefined {
  const base = '/usr/lib/postgresql'
  const versions = existsSync(base) ? readdirSync(base).sort((a, b) => Number(b) - Number(a)) : []
  return [...versions.map((version) => join(base, version, 'bin')), '/usr/local/bin', '/usr/bin'].find(
    (folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')),
  )
}

const ours = { listen_addresses: '127.0.0.1', unix_socket_directories: '', max_connections: '200' }

/** A fresh cluster as it comes: fsync on, 128 MB of shared buffers; only more connections are allowed. */
export async function startPostgres(
  core: number | undefined,
  further: Record<string, string> = {},
): Promise<DatabaseServer> {
  const programs = postgresPrograms()
  if (programs === undefined) throw new Error('PostgreSQL is missing: install the package postgresql')
  const folder = await createFolder()
  const account = accountFor('postgres')
  if (account) chownSync(folder.path, account.uid, account.gid)
  const data = join(folder.path, 'data')
  execFileSync(
    join(programs, 'initdb'),
    ['-D', data, '--username=postgres', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'],
    { ...account, cwd: folder.path, stdio: 'pipe' },
  )
  const port = await freePort()
  const settings = { ...ours, ...further }
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const child = startChild({
    program: join(programs, 'postgres'),
    args: ['-D', data, '-p', String(port), ...flags],
    cwd: folder.path,
    core,
    account,
    stopSignal: 'SIGQUIT',
  })
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  await until('PostgreSQL did not become ready', 30_000, () => answers(url))
  return {
    url,
    folder: data,
    pid: child.pid,
    async stop() {
      await child.stop()
      await folder.remove()
    },
  }
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url })
  try {
    await client.connect()
    await client.end()
    return true
  } catch {
    return false
  }
}

/** PostgreSQL refuses to run as root. */
function accountFor(name: string): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const number = (flag: string): number => Number(execFileSync('id', [flag, name], { encoding: 'utf8' }))
  return { uid: number('-u'), gid: number('-g') }
}
