import { type ChildProcess, spawn, spawnSync, type SpawnOptions } from 'node:child_process'

const hasSetpriv = spawnSync('setpriv', ['--version']).status === 0

/**
 * Starts a program that dies with us, however we die (prctl(2), PR_SET_PDEATHSIG). `within`: words to put before it, such
 * as those that enter a name space.
 */
export function spawnTethered(
  command: readonly string[],
  options: SpawnOptions & { account?: { uid: number; gid: number } | undefined; within?: readonly string[] },
): ChildProcess {
  const { account, within = [], ...others } = options
  if (!hasSetpriv) {
    const [program = '', ...args] = command
    return spawn(program, args, { ...others, ...account })
  }
  const who = account ? [`--reuid=${account.uid}`, `--regid=${account.gid}`, '--clear-groups'] : []
  const [program = '', ...args] = [...within, 'setpriv', ...who, '--pdeathsig', 'KILL', '--', ...command]
  return spawn(program, args, others)
}

/** Resolves when it has ended; at once when it already has. */
export async function ended(child: ChildProcess): Promise<NodeJS.Signals | number> {
  if (child.exitCode === null && child.signalCode === null) {
    await new Promise((resolve) => child.once('exit', resolve))
  }
  return child.signalCode ?? child.exitCode ?? -1
}
