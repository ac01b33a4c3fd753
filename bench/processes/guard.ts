/**
 * Outlives the benchmark by a moment: told on its input what the benchmark started and made, it ends and removes what is
 * left when that input ends, however the benchmark went. Lines: `process PID SIGNAL`, `folder PATH`, `cgroup PATH`, and
 * the same with `no ` before it for what is gone already.
 */
import { rmdirSync, rmSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'

const left = new Set<string>()

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)

for await (const line of createInterface({ input: process.stdin })) {
  if (line.startsWith('no ')) left.delete(line.slice(3))
  else left.add(line)
}
each('process', (pid, signal) => process.kill(-Number(pid), signal as NodeJS.Signals))
if (left.size > 0) await sleep(500)
each('process', (pid) => process.kill(-Number(pid), 'SIGKILL'))
each('folder', (path) => rmSync(path, { recursive: true, force: true }))
each('cgroup', (path) => rmdirSync(path))

function each(kind: string, remove: (what: string, how: string) => void): void {
  for (const line of left) {
    const [name, what = '', how = ''] = line.split(' ')
    if (name !== kind) continue
    try {
      remove(what, how)
    } catch {
      // It went by itself.
    }
  }
}
