import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DatabaseOptions } from '../../src/store/open.ts'
import { compiled } from './compiled.ts'
import { createDatabase, type DatabaseKind } from './stores.ts'

const main = join(import.meta.dirname, '../../src/main.ts')

export interface Ended {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

export interface Running {
  child: ChildProcess
  ended: Promise<Ended>
}

/** Starts a command of Parley as an operator does, a process of its own in `cwd`. `before`: words in front of it. */
export function startCommand(
  cwd: string,
  args: readonly string[],
  env: Record<string, string> = {},
  before: readonly string[] = [],
): Running {
  const [program = '', ...words] = [...before, process.execPath, main, ...args]
  const child = spawn(program, words, {
    cwd,
    env: { PATH: process.env.PATH ?? '', NODE_COMPILE_CACHE: compiled, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (bytes: Buffer) => (stdout += bytes.toString()))
  child.stderr.on('data', (bytes: Buffer) => (stderr += bytes.toString()))
  const ended = new Promise<Ended>((resolve) =>
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr })),
  )
  return { child, ended }
}

export const runCommand = (...all: Parameters<typeof startCommand>): Promise<Ended> =>
  startCommand(...all).ended

/** Where the database of an installation is. */
export const environmentOf = (options: DatabaseOptions): Record<string, string> =>
  options.kind === 'sqlite' ? { DATABASE_PATH: options.path } : { DATABASE_URL: options.url }

/** An empty folder with a parley.yaml, as a new machine has it. */
export async function createHome(settings: object = {}): Promise<{ home: string; remove(): Promise<void> }> {
  const home = await mkdtemp(join(tmpdir(), 'parley-backup-'))
  await writeFile(join(home, 'parley.yaml'), JSON.stringify(settings))
  return { home, remove: () => rm(home, { recursive: true, force: true }) }
}

/** A folder with a parley.yaml, and a place for a database. */
export interface EmptyPlace {
  home: string
  options: DatabaseOptions
  env: Record<string, string>
  remove(): Promise<void>
}

export async function createEmptyPlace(kind: DatabaseKind): Promise<EmptyPlace> {
  const { options, drop } = await createDatabase(kind)
  const { home, remove } = await createHome()
  return {
    home,
    options,
    env: environmentOf(options),
    remove: async () => {
      await remove()
      await drop()
    },
  }
}

/** Kills a command the moment it has made a file of such a name in `folder`; false: it ended before. */
export async function killAt({ child, ended }: Running, folder: string, made: RegExp): Promise<boolean> {
  let isOver = false
  void ended.then(() => (isOver = true))
  while (!isOver && !namesBelow(folder).some((name) => made.test(name))) await new Promise(setImmediate)
  child.kill('SIGKILL')
  return (await ended).signal === 'SIGKILL'
}

/** Folders may go while they are read. */
function namesBelow(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true }).map(String)
  } catch {
    return []
  }
}
