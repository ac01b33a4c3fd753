import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cpus, platform } from 'node:os'
import { peersCore } from './cores.ts'
import { taskset } from './child.ts'

/** Throws with what is missing on this machine. */
export function requireMachine(): void {
  const missing = [
    ...(platform() === 'linux' ? [] : ['Linux (times and memory are read from /proc)']),
    ...(cpus().length > 1 ? [] : ['two cores']),
    ...(existsSync(taskset) ? [] : [`${taskset} (package util-linux)`]),
  ]
  if (missing.length > 0) throw new Error(`The benchmarks need ${missing.join(' and ')}.`)
}

/** Keeps this process, with the people, Telegram and the model in it, off the core of what is measured. */
export function pinPeers(): void {
  spawnSync(taskset, ['-acp', String(peersCore), String(process.pid)])
}
