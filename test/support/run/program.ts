import { spawn } from 'node:child_process'

export interface Outcome {
  /** 0 is success; undefined when a signal ended it or it could not be started. */
  code: number | undefined
  output: string
}

/** Runs a program to its end. `live`: its output is also shown as it comes. */
export async function runProgram(
  command: string[],
  env: NodeJS.ProcessEnv = {},
  live = false,
): Promise<Outcome> {
  const [program = '', ...args] = command
  const { promise, resolve } = Promise.withResolvers<Outcome>()
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  const collect = (bytes: Buffer): void => {
    output += bytes.toString()
    if (live) process.stdout.write(bytes)
  }
  child.stdout.on('data', collect)
  child.stderr.on('data', collect)
  child.once('error', (error) => resolve({ code: undefined, output: `${output}${error.message}\n` }))
  child.once('close', (code) => resolve({ code: code ?? undefined, output }))
  running.add(child)
  child.once('close', () => running.delete(child))
  return promise
}

const running = new Set<ReturnType<typeof spawn>>()

/** Ends what still runs, when the run itself is interrupted. */
export function stopPrograms(): void {
  for (const child of running) child.kill('SIGTERM')
}
