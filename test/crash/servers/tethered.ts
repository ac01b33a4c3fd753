import { type ChildProcess, spawn, spawnSync, type SpawnOptions } from 'node:child_process'

const hasSetpriv = spawnSync('setpriv', ['--version']).status === 0

export interface TetherOptions extends SpawnOptions {
  account?: { uid: number; gid: number } | undefined
  /** Words to put before the program, such as those that enter a name space. */
  within?: readonly string[]
  /** What ends it: one with children of its own must be able to end them. */
  farewell?: 'KILL' | 'TERM'
}

/** Starts a program that dies with us, however we die (prctl(2), PR_SET_PDEATHSIG). */
export function spawnTethered(command: readonly string[], options: TetherOptions): ChildProcess {
  const { account, within = [], farewell = 'KILL', ...others } = options
  if (!hasSetpriv) {
    const [program = '', ...args] = command
    return spawn(program, args, { ...others, ...account })
  }
  const who = account ? [`--reuid=${account.uid}`, `--regid=${account.gid}`, '--clear-groups'] : []
  const [program = '', ...args] = [...within, 'setpriv', ...who, '--pdeathsig', farewell, '--', ...command]
  return spawn(program, args, others)
}

/** Resolves when it has ended; at once when it already has. */
export async function ended(child: ChildProcess): Promise<NodeJS.Signals | number> {
  if (child.exitCode === null && child.signalCode === null) {
    await new Promise((resolve) => child.once('exit', resolve))
  }
  return child.signalCode ?? child.exitCode ?? -1
}
