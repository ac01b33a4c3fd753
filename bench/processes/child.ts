import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { keep } from './keep.ts'

export interface Command {
  program: string
  args: string[]
  env?: Record<string, string>
  cwd?: string
  /** The core it may use; every one when not set. */
  core?: number | undefined
  account?: { uid: number; gid: number } | undefined
  /** How it is told to stop; by force when not set. */
  stopSignal?: NodeJS.Signals
  /** Opens a channel for messages between Node programs. */
  talks?: boolean
}

export interface Child {
  pid: number
  process: ChildProcess
  /** Throws with what it printed when it does not run any more. */
  assertAlive(): void
  /** Ends it and its children; resolves when it is gone. */
  stop(): Promise<void>
}

export const taskset = '/usr/bin/taskset'
const stopMs = 10_000

/** Starts a program in a process group of its own, which ends with the benchmark at the latest. */
export function startChild(command: Command): Child {
  const { program, args, env = {}, cwd, core, account, stopSignal = 'SIGKILL', talks } = command
  const pinned = core === undefined ? [] : ['-c', String(core), program]
  const child = spawn(core === undefined ? program : taskset, [...pinned, ...args], {
    cwd,
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', ...env },
    ...account,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', ...(talks ? (['ipc'] as const) : [])],
  })
  const { pid } = child
  if (pid === undefined) throw new Error(`${program} cannot be started`)
  const gone = keep(`process ${pid} ${stopSignal}`)
  const output = collect(child)
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const isOver = (): boolean => child.exitCode !== null || child.signalCode !== null
  return {
    pid,
    process: child,
    assertAlive() {
      if (isOver()) throw new Error(`${[program, ...args].join(' ')} ended by itself:\n${output()}`)
    },
    async stop() {
      if (!isOver()) signalGroup(pid, stopSignal)
      await Promise.race([exited, sleep(stopMs, undefined, { ref: false })])
      signalGroup(pid, 'SIGKILL')
      await exited
      gone()
    },
  }
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch {
    // The group is gone.
  }
}

function collect(child: ChildProcess): () => string {
  let text = ''
  const add = (chunk: Buffer): void => {
    text = (text + chunk.toString()).slice(-4000)
  }
  child.stdout?.on('data', add)
  child.stderr?.on('data', add)
  return () => text
}
