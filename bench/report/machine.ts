import { arch, cpus, platform, release, totalmem } from 'node:os'
import { readVersion } from '../../src/ops/version.ts'

/** What a run was made on and of. */
export interface Machine {
  date: string
  cpu: string
  cores: number
  memoryGb: number
  system: string
  node: string
  parley: string
  commit: string
}

export function describeMachine(): Machine {
  const { version, commit } = readVersion()
  return {
    date: new Date().toISOString(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 1024 ** 3),
    system: `${platform()} ${release()} ${arch()}`,
    node: process.version,
    parley: version,
    commit,
  }
}
