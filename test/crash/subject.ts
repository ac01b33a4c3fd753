import type { ChildProcess } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { compiled } from '../support/compiled.ts'
import type { Pace } from './launch.ts'
import { spawnTethered } from './servers/tethered.ts'

/** The application as an operator runs it: a process of its own. */
export interface Subject {
  exited: Promise<NodeJS.Signals | number>
  /** Resolves when it takes work; rejects when it exits before. */
  ready(): Promise<void>
  signal(signal: NodeJS.Signals): void
  /** What it printed, for when something is wrong. */
  output(): string
}

const main = join(import.meta.dirname, '../../src/main.ts')

export const subjectPace: Pace = { leaseMs: 1000, sweepMs: 100 }

/** Writes the configuration of the subject: short leases, nothing slows it down. */
export async function writeConfiguration(folder: string): Promise<void> {
  await writeFile(
    join(folder, 'parley.yaml'),
    `pipeline: { lease: ${subjectPace.leaseMs}ms, sweep: ${subjectPace.sweepMs}ms }
telegram: { quiet_window: 5ms, rate: { per_chat: 1000, per_group_minute: 10000, overall: 10000 } }
models: { max_output_tokens: 1000, backoff: { first: 10ms, longest: 50ms } }
limits:
  { per_hour: 1000000, per_day: 1000000, spam: false, model_calls: { per_session: 1000000, per_day: 1000000 } }
`,
  )
}

export function startSubject(options: {
  folder: string
  port: number
  env: Record<string, string>
}): Subject {
  const child = spawnTethered([process.execPath, main, 'start'], {
    cwd: options.folder,
    env: {
      PATH: process.env.PATH ?? '',
      NODE_COMPILE_CACHE: compiled,
      PORT: String(options.port),
      LOG_LEVEL: 'warn',
      ...options.env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = collect(child)
  const exited = new Promise<NodeJS.Signals | number>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ?? code ?? -1))
  })
  return {
    exited,
    signal: (signal) => void child.kill(signal),
    output,
    ready: () => untilReady(options.port, child, output),
  }
}

function collect(child: ChildProcess): () => string {
  let text = ''
  const add = (chunk: Buffer): void => {
    text = (text + chunk.toString()).slice(-20_000)
  }
  child.stdout?.on('data', add)
  child.stderr?.on('data', add)
  return () => text
}

async function untilReady(port: number, child: ChildProcess, output: () => string): Promise<void> {
  while (child.exitCode === null && child.signalCode === null) {
    const response = await fetch(`http://127.0.0.1:${port}/livez`).catch(() => undefined)
    if (response?.ok) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error(`the subject ended before it was ready:\n${output()}`)
}
