import { readdirSync, readFileSync } from 'node:fs'
import { constants, setPriority } from 'node:os'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

type Collect = (options: { type: 'major'; execution: 'sync'; flavor: 'last-resort' }) => void

/**
 * Gives memory back to the system that only the start needed (training the FAQ, checking the configuration): about a
 * third of the process. V8 keeps its young generation as large as it once was unless a collection is told that memory is
 * short. Takes some 90 ms, once.
 */
export function returnMemory(): void {
  setFlagsFromString('--expose-gc')
  const collect: Collect = runInNewContext('gc')
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
}

/**
 * Lets V8's helper threads run when nothing of the program waits for the processor. They collect garbage and compile, four
 * of them, at the program's own priority: on a single core a major collection leaves the program a fifth of it for a
 * quarter of a second. Under Linux each thread has a priority of its own (setpriority(2)), and Node names these.
 */
export function yieldToProgram(): void {
  if (process.platform !== 'linux') return
  const threads = '/proc/self/task'
  try {
    for (const thread of readdirSync(threads)) {
      const name = readFileSync(`${threads}/${thread}/comm`, 'utf8').trimEnd()
      if (name === 'V8Worker') setPriority(Number(thread), constants.priority.PRIORITY_LOW)
    }
  } catch {
    // A thread that ends meanwhile, or a system that forbids it: all works, with longer pauses.
  }
}
