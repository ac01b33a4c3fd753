import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { compiled } from './compiled.ts'
import { freePort } from './servers/server.ts'

/** Another process of the application, as an operator starts it. */
export interface Process {
  address: string
  child: ChildProcess
  /** Everything it has written. */
  output(): string
  /** Ends it; resolves with its exit code. */
  end(signal: NodeJS.Signals): Promise<number | null>
}

const main = join(import.meta.dirname, '../../src/main.ts')

/** A folder with a parley.yaml; it goes with `remove`. */
export function createHome(settings: object): { folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'parley-home-'))
  writeFileSync(join(folder, 'parley.yaml'), JSON.stringify(settings))
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** Starts one in a folder, with this environment and nothing else of ours, and waits until it is ready. */
export async function startProcess(
  folder: string,
  env: Record<string, string>,
  { port, args = [] }: { port?: number; args?: string[] } = {},
): Promise<Process> {
  const own = port ?? (await freePort())
  const child = spawn(process.execPath, [main, 'start', ...args], {
    cwd: folder,
    env: {
      PATH: process.env.PATH ?? '',
      NODE_COMPILE_CACHE: compiled,
      PORT: String(own),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (bytes: Buffer) => {
      output += bytes.toString()
    })
  const closed = new Promise<number | null>((resolve) => child.once('close', resolve))
  const address = `http://127.0.0.1:${own}`
  await untilReady(`${address}/readyz`, () => {
    if (child.exitCode !== null) throw new Error(output)
  })
  return {
    address,
    child,
    output: () => output,
    end(signal) {
      child.kill(signal)
      return closed
    },
  }
}

/** Waits until an address answers with 200, looking at what could make that vain. */
export async function untilReady(address: string, look = () => {}): Promise<void> {
  for (const until = Date.now() + 20_000; ; await sleep(50)) {
    look()
    const status = await fetch(address).then(
      (response) => response.status,
      () => 0,
    )
    if (status === 200) return
    if (Date.now() > until) throw new Error(`${address} answers with ${status}`)
  }
}
