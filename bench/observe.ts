import { setTimeout as sleep } from 'node:timers/promises'
import { busySeconds, cpuSeconds, memoryMb } from './processes/usage.ts'
import { peersCore, subjectCore } from './processes/cores.ts'

/** What a stretch of time cost, as shares of a core and seconds of it. */
export interface Observed {
  seconds: number
  /** CPU seconds of the subject, its databases included. */
  cpuSeconds: number
  memoryMb: number
  /** How busy the people, Telegram and the model were; 1 is a whole core. */
  peersShare: number
  /** How much of the two cores together somebody else had. */
  othersShare: number
}

/** Watches the processes `roots` for a while; `peers`: further processes that are no part of what is measured. */
export async function observe(
  roots: readonly number[],
  ms: number,
  peers: readonly number[] = [],
): Promise<Observed> {
  const before = look(roots, peers)
  await sleep(ms)
  const after = look(roots, peers)
  const seconds = after.at - before.at
  const cpu = after.cpu - before.cpu
  const ofPeers = after.peers - before.peers
  return {
    seconds,
    cpuSeconds: cpu,
    memoryMb: memoryMb(roots),
    peersShare: ofPeers / seconds,
    othersShare: Math.max(0, after.busy - before.busy - cpu - ofPeers) / seconds,
  }
}

function look(roots: readonly number[], peers: readonly number[]) {
  const { user, system } = process.cpuUsage()
  return {
    at: performance.now() / 1000,
    cpu: cpuSeconds(roots),
    peers: (user + system) / 1e6 + cpuSeconds(peers),
    busy: busySeconds(subjectCore) + busySeconds(peersCore),
  }
}
