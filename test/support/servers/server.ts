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

/** A port of loopback nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const probe = createServer().once('error', reject)
  probe.listen(0, '127.0.0.1', () => {
    const address = probe.address()
    const port = typeof address === 'object' && address ? address.port : 0
    probe.close(() => resolve(port))
  })
  return promise
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
