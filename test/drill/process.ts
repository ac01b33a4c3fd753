import type { ChildProcess } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { argumentsFor, type Place } from '../crash/launch.ts'
import { ended, spawnTethered } from '../crash/servers/tethered.ts'
import { freePort } from '../support/servers/server.ts'
import type { Release } from './release.ts'

/** One process of a release. */
export interface Process {
  readonly release: Release
  readonly port: number
  /** Resolves when `/readyz` says yes; throws what it said when it ends before, or does not come to it in time. */
  ready(withinMs: number): Promise<void>
  /** SIGTERM, and waits for its end. */
  stop(): Promise<void>
  /** SIGKILL. */
  destroy(): Promise<void>
}

export interface ProcessNeeds {
  place: Place
  release: Release
  folder: string
  env: Record<string, string>
  /** It ended when it was ready and nobody wanted that, its drain took too long or did not end with 0. */
  onFault(what: string): void
}

/** A drain may take as long as its longest parts (src/app.ts), in milliseconds. */
const drainMs = 35_000
const askEveryMs = 25

export async function startProcess({ place, release, folder, env, onFault }: ProcessNeeds): Promise<Process> {
  const port = await freePort()
  const child = spawnTethered([process.execPath, release.main, ...argumentsFor(place.role)], {
    cwd: folder,
    env: { ...env, ...release.env, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said = collect(child)
  const about = `${place.name} of ${release.image.version}`
  let wasReady = false
  let ending = false
  child.once('exit', (code, signal) => {
    if (wasReady && !ending) onFault(`${about} ended with ${code ?? signal}: ${said()}`)
  })
  const isOver = (): boolean => child.exitCode !== null || child.signalCode !== null

  return {
    release,
    port,
    async ready(withinMs) {
      for (const until = performance.now() + withinMs; performance.now() < until; await sleep(askEveryMs)) {
        if (isOver()) throw new Error(`${about} ended with ${child.exitCode ?? child.signalCode}: ${said()}`)
        wasReady = await isReady(port)
        if (wasReady) return
      }
      throw new Error(`${about} is not ready within ${withinMs / 1000} s: ${said()}`)
    },
    async stop() {
      ending = true
      child.kill('SIGTERM')
      const late = setTimeout(() => child.kill('SIGKILL'), drainMs)
      const end = await ended(child)
      clearTimeout(late)
      if (wasReady && end !== 0) onFault(`the drain of ${about} ended with ${end}: ${said()}`)
    },
    async destroy() {
      ending = true
      child.kill('SIGKILL')
      await ended(child)
    },
  }
}

async function isReady(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/readyz`, { headers: { connection: 'close' } })).ok
  } catch {
    return false // It does not listen yet.
  }
}

/** The end of what it prints. */
function collect(child: ChildProcess): () => string {
  let text = ''
  const read = (bytes: Buffer): void => {
    text = (text + bytes.toString()).slice(-4000)
  }
  child.stdout?.on('data', read)
  child.stderr?.on('data', read)
  return () => text.trim()
}
