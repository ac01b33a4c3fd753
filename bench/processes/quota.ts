import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { keep } from './keep.ts'

const root = '/sys/fs/cgroup'
/** Short, so that a process that used up its share pauses for milliseconds only. */
const periodUs = 10_000

/** Lets a process use only this share of a core (cgroup v2 or v1); the result gives the group back when it is gone. */
export function limitCpu(pid: number, share: number): () => void {
  const isSecond = existsSync(join(root, 'cgroup.controllers'))
  const group = join(isSecond ? root : join(root, 'cpu'), `parley-bench-${pid}`)
  const quotaUs = Math.round(periodUs * share)
  try {
    mkdirSync(group)
    const gone = keep(`cgroup ${group}`)
    if (isSecond) writeFileSync(join(group, 'cpu.max'), `${quotaUs} ${periodUs}`)
    else {
      writeFileSync(join(group, 'cpu.cfs_period_us'), String(periodUs))
      writeFileSync(join(group, 'cpu.cfs_quota_us'), String(quotaUs))
    }
    writeFileSync(join(group, 'cgroup.procs'), String(pid))
    return () => {
      rmdirSync(group)
      gone()
    }
  } catch (cause) {
    throw new Error(`A share of a core needs a writable ${root} with the cpu controller.`, { cause })
  }
}
