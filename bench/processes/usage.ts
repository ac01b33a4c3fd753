import { readdirSync, readFileSync } from 'node:fs'

/** Clock ticks a second, of Linux on every platform Node runs on (sysconf(3), `_SC_CLK_TCK`). */
const ticks = 100

interface Entry {
  pid: number
  parent: number
  /** Of its own threads and of the children it has buried (proc(5), fields 14 to 17 of stat). */
  cpuSeconds: number
}

function readEntry(pid: string): Entry[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const used = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
    return [{ pid: Number(pid), parent: Number(fields[1]), cpuSeconds: used / ticks }]
  } catch {
    return [] // It ended meanwhile.
  }
}

/** The processes and all their descendants. */
function familyOf(roots: readonly number[]): Entry[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap(readEntry)
  const children = Map.groupBy(all, ({ parent }) => parent)
  const family = all.filter(({ pid }) => roots.includes(pid))
  for (const { pid } of family) family.push(...(children.get(pid) ?? []))
  return family
}

/** CPU seconds these processes and all their descendants have used, those that ended included. */
export const cpuSeconds = (roots: readonly number[]): number =>
  familyOf(roots).reduce((sum, { cpuSeconds: used }) => sum + used, 0)

/**
 * Megabytes these processes hold (resident set size), and their descendants besides: those by proportional set size,
 * because what PostgreSQL forks shares most of its memory.
 */
export const memoryMb = (roots: readonly number[]): number =>
  familyOf(roots).reduce((sum, { pid }) => sum + heldMb(pid, roots.includes(pid) ? 'Rss' : 'Pss'), 0)

function heldMb(pid: number, size: 'Rss' | 'Pss'): number {
  try {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
    return Number(new RegExp(`^${size}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0) / 1024
  } catch {
    return 0
  }
}

/** Seconds a core has been busy with anything at all since the machine started (proc(5), `/proc/stat`). */
export function busySeconds(core: number): number {
  const line = readFileSync('/proc/stat', 'utf8')
    .split('\n')
    .find((candidate) => candidate.startsWith(`cpu${core} `))
  const [user = 0, nice = 0, system = 0, , , interrupt = 0, soft = 0, steal = 0] =
    line?.split(/\s+/).slice(1).map(Number) ?? []
  return (user + nice + system + interrupt + soft + steal) / ticks
}
