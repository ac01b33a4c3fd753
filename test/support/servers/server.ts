import { randomInt } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A server of the tests' own, on loopback, gone without a trace after `stop`. */
export interface TestServer {
  url: string
  stop(): Promise<void>
}

/** An account to run a server as; undefined: our own. */
export type Account = { uid: number; gid: number } | undefined

/** Servers like PostgreSQL refuse to run as root: the account to use instead. */
export function accountFor(name: string): Account {
  if (process.getuid?.() !== 0) return undefined
  const number = (flag: string): number => Number(execFileSync('id', [flag, name], { encoding: 'utf8' }))
  return { uid: number('-u'), gid: number('-g') }
}

/** Below those that the system gives to whoever asks for any (net.ipv4.ip_local_port_range begins at 32,768). */
const [firstPort, endPort] = [16_000, 32_000]

/**
 * A port of loopback nobody listens on at this moment, nor is given by chance before it is used: between two looks at a server that
 * starts, another test's could be what answers.
 */
export async function freePort(): Promise<number> {
  const port = randomInt(firstPort, endPort)
  const { promise, resolve, reject } = Promise.withResolvers<boolean>()
  const probe = createServer().once('error', (error) =>
    'code' in error && error.code === 'EADDRINUSE' ? resolve(false) : reject(error),
  )
  probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  return (await promise) ? port : freePort()
}

const prefix = 'parley-test-'

/** A new folder for a server of this process; its name tells whose it is. */
export const createFolder = (kind: string): string =>
  mkdtempSync(join(tmpdir(), `${prefix}${kind}-${process.pid}-`))

/** Servers whose test run was killed: `dispose` stops each, then its folder goes. */
export async function removeOrphans(kind: string, dispose: (folder: string) => Promise<void>): Promise<void> {
  for (const name of readdirSync(tmpdir())) {
    const owner = new RegExp(`^${prefix}${kind}-(\\d+)-`).exec(name)?.[1]
    if (owner === undefined || isAlive(Number(owner))) continue
    const folder = join(tmpdir(), name)
    await dispose(folder)
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Whether a process with this id runs. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** Waits until a process is gone; false after `ms`. */
export async function waitForEnd(pid: number, ms: number): Promise<boolean> {
  for (const end = Date.now() + ms; Date.now() < end; ) {
    if (!isAlive(pid)) return true
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return !isAlive(pid)
}
