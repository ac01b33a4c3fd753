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
 * Gives V8's helper threads, which collect garbage and compile, a tenth of the program's weight: at its own priority they
 * leave it a fifth of a single core for a quarter of a second at each major collection. With still less they do not keep up
 * in a full house, and memory grows. Under Linux each thread has a priority of its own (setpriority(2)), and Node names these;
 * bin/parley.mjs says how many there are.
 */
export function yieldToProgram(): void {
  if (process.platform !== 'linux') return
  const threads = '/proc/self/task'
  try {
    for (const thread of readdirSync(threads)) {
      const name = readFileSync(`${threads}/${thread}/comm`, 'utf8').trimEnd()
      if (name === 'V8Worker') setPriority(Number(thread), constants.priority.PRIORITY_BELOW_NORMAL)
    }
  } catch {
    // A thread that ends meanwhile, or a system that forbids it: all works, with longer pauses.
  }
}
