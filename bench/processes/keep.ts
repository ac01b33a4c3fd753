import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Tells the guard of something that must not outlive the benchmark; the result tells it that it is gone. */
export function keep(what: string): () => void {
  tell(`${what}\n`)
  return () => tell(`no ${what}\n`)
}

let guard: ReturnType<typeof spawn> | undefined

/** The guard starts with the first thing to look after; its process is not waited for. */
function tell(line: string): void {
  if (guard === undefined) {
    guard = spawn(process.execPath, [join(import.meta.dirname, 'guard.ts')], {
      stdio: ['pipe', 'ignore', 'inherit'],
      detached: true,
      env: {},
    })
    guard.unref()
    const { stdin } = guard
    if (stdin && 'unref' in stdin && typeof stdin.unref === 'function') stdin.unref()
  }
  guard.stdin?.write(line)
}

export interface Folder {
  path: string
  remove(): Promise<void>
}

export async function createFolder(): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), 'parley-bench-'))
  const gone = keep(`folder ${path}`)
  return {
    path,
    async remove() {
      await rm(path, { recursive: true, force: true })
      gone()
    },
  }
}
