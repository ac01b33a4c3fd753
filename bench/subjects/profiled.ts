import type { Command } from '../processes/child.ts'

/** Makes Node write a CPU profile into `folder` when it is told to stop; the sampler needs a core besides the subject's. */
export const profiled =
  (folder: string) =>
  (command: Command): Command => ({
    ...command,
    core: undefined,
    args: ['--cpu-prof', '--cpu-prof-interval=500', `--cpu-prof-dir=${folder}`, ...command.args],
    stopSignal: 'SIGTERM',
  })
