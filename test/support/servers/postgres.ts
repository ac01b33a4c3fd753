import { execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chownSync, existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { accountFor, createFolder, freePort, isAlive, removeOrphans, waitForEnd } from './server.ts'
import type { Account, TestServer } from './server.ts'

/** Folder of the PostgreSQL programs, the newest version first; undefined when there are none. */
export function postgresPrograms(): string | undefined {
  const base = '/usr/lib/postgresql'
  const versions = existsSync(base) ? readdirSync(base).sort((a, b) => Number(b) - Number(a)) : []
  const folders = [
    ...versions.map((version) => join(base, version, 'bin')),
    ...(process.env.PATH ?? '').split(':'),
  ]
  return folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')))
}

/** A fresh cluster, durable as in production (fsync on), for as many databases as the tests want. */
export async function startPostgres(): Promise<TestServer> {
  const programs = postgresPrograms()
  if (programs === undefined) throw new Error('PostgreSQL is missing: install it, or set DATABASE_TEST_URL.')
  await removeOrphans('postgres', stopCluster)
  const account = accountFor('postgres')
  const folder = createFolder('postgres')
  if (account) chownSync(folder, account.uid, account.gid)
  const password = initialize(programs, folder, account)
  const port = await freePort()
  const started = spawn(join(programs, 'postgres'), serverArguments(folder, port), {
    ...account,
    cwd: folder,
    stdio: 'ignore',
    detached: true,
  })
  started.unref()
  const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`
  await waitUntilReady(url, folder)
  return { url, stop: () => stopCluster(folder) }
}

function initialize(programs: string, folder: string, account: Account): string {
  const password = randomBytes(24).toString('hex')
  const passwordFile = join(folder, 'password')
  writeFileSync(passwordFile, password, { mode: 0o600 })
  if (account) chownSync(passwordFile, account.uid, account.gid)
  const options = ['--username=postgres', '--auth=scram-sha-256', `--pwfile=${passwordFile}`]
  const locale = ['--encoding=UTF8', '--locale=C', '--no-sync', '--no-instructions']
  execFileSync(join(programs, 'initdb'), ['-D', join(folder, 'data'), ...options, ...locale], {
    ...account,
    cwd: folder,
    stdio: 'pipe',
  })
  rmSync(passwordFile)
  return password
}

function serverArguments(folder: string, port: number): string[] {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    shared_buffers: '64MB',
    fsync: 'on',
    logging_collector: 'on',
    log_directory: folder,
    log_filename: 'server.log',
  }
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  return ['-D', join(folder, 'data'), '-p', String(port), ...flags]
}

async function waitUntilReady(url: string, folder: string): Promise<void> {
  let last: unknown
  for (const end = Date.now() + 30_000; Date.now() < end; ) {
    const client = new pg.Client({ connectionString: url })
    try {
      await client.connect()
      await client.end()
      return
    } catch (error) {
      last = error
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
  await stopCluster(folder)
  throw new Error('PostgreSQL did not become ready in 30 s.', { cause: last })
}

/** Fast shutdown, then by force; the folder is removed. */
async function stopCluster(folder: string): Promise<void> {
  const pidFile = join(folder, 'data', 'postmaster.pid')
  const pid = existsSync(pidFile) ? Number(readFileSync(pidFile, 'utf8').split('\n')[0]) : 0
  if (pid > 0 && isAlive(pid)) {
    process.kill(pid, 'SIGINT')
    if (!(await waitForEnd(pid, 10_000))) process.kill(pid, 'SIGQUIT')
    await waitForEnd(pid, 5_000)
  }
  rmSync(folder, { recursive: true, force: true })
}
