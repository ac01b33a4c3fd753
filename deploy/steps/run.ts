import { spawn } from 'node:child_process'

/**
 * Runs a program to its end; resolves with what it printed, throws what it said when it failed. `stopped` ends it, or does not let
 * it begin, and is what is thrown then.
 */
export async function run(
  program: string,
  args: readonly string[],
  input = '',
  stopped?: AbortSignal,
): Promise<string> {
  stopped?.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  // Apart from us: Ctrl+C at a terminal must not reach the way back.
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true })
  const end = (): void => void child.kill()
  stopped?.addEventListener('abort', end)
  const printed = { stdout: '', stderr: '' }
  child.stdout.on('data', (bytes) => (printed.stdout += String(bytes)))
  child.stderr.on('data', (bytes) => (printed.stderr += String(bytes)))
  child.once('error', reject)
  child.once('close', (code) => {
    stopped?.removeEventListener('abort', end)
    if (code === 0) return resolve(printed.stdout)
    if (stopped?.aborted) return reject(stopped.reason)
    const said = (printed.stderr || printed.stdout).trim()
    reject(new Error(`${[program, ...args.slice(0, 2)].join(' ')} failed (${code}): ${said}`))
  })
  // A program that does not want to hear it all is no fault of ours.
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  return promise
}

/** Takes each step, also after one that failed; then throws what all of them said. */
export async function takeAll(steps: readonly (() => Promise<unknown>)[]): Promise<void> {
  const faults: string[] = []
  for (const step of steps) {
    try {
      await step()
    } catch (error) {
      faults.push(error instanceof Error ? error.message : String(error))
    }
  }
  if (faults.length > 0) throw new Error(faults.join('; '))
}
