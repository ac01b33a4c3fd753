import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FaultPoint } from '../../src/model/fault.ts'
import { argumentsFor, type Place } from './launch.ts'
import { ended, spawnTethered } from './servers/tethered.ts'

/** A place where one process of the application runs, again and again, as under an operator's supervisor. */
export interface Slot {
  readonly place: Place
  /** Where it listens; undefined while it does not. */
  port(): number | undefined
  /** Keeps it running from now on; resolves when it is ready for the first time. */
  start(): Promise<void>
  /** SIGKILL, so long after it is ready; it is started again. */
  kill(afterMs: number): Promise<void>
  /** Starts a successor and, when that is ready, ends the process by SIGTERM. */
  replace(): Promise<void>
  /** SIGTERM, and no restart. */
  stop(): Promise<void>
  /** SIGKILL without more ado. */
  destroy(): Promise<void>
}

export interface SlotNeeds {
  place: Place
  folder: string
  env: Record<string, string>
  /** Words to put before the program. */
  within?: readonly string[]
  /** Where the next process is to die, and at which arrival. */
  arm(): { point: FaultPoint; arrival: number } | undefined
  /** It was killed: from outside, or by itself where it was told to. */
  onKilled(by: FaultPoint | 'signal'): void
  /** Whether something that no process can start without was away at some time since. */
  wasAway(since: number): boolean
  /** It ended, or did not start, in a way nobody asked for; or a drain took too long or did not end with 0. */
  onFault(what: string): void
  /** It took so long. */
  onReady?(ms: number): void
}

interface Run {
  child: ChildProcess
  begun: number
  armed: FaultPoint | undefined
  /** SIGKILL was sent from here. */
  killed: boolean
  port: number | undefined
  readyAt: number
  ready: Promise<boolean>
  /** It was told to end. */
  ending: boolean
  /** All it said has come. */
  closed: Promise<unknown>
  output(): string
}

const main = join(import.meta.dirname, '../../src/main.ts')
/** How soon a supervisor starts a process again: after it ran, and after it did not even start. Milliseconds. */
const restartMs = 50
const failedStartMs = 300
/** A drain may take as long as its longest parts (src/app.ts), in milliseconds. */
const drainMs = 30_000
/** What it says before it ends where an error came to nobody (src/cli/start.ts): no outage excuses that. */
const uncaught = 'fault that nobody caught'

export function createSlot(needs: SlotNeeds): Slot {
  const { place, onFault } = needs
  let current: Run | undefined
  let wanted = false
  let again: NodeJS.Timeout | undefined
  const leaving = new Set<Promise<void>>()

  function begin(): Run {
    const run = launch(needs)
    void ended(run.child).then((end) => onEnd(run, end))
    return run
  }

  function onEnd(run: Run, end: NodeJS.Signals | number): void {
    const wasReady = run.port !== undefined
    run.port = undefined
    if (end === 'SIGKILL') needs.onKilled(run.armed && !run.ending ? run.armed : 'signal')
    const isMeant = end === 'SIGKILL' ? run.killed || run.armed : run.ending
    if (!isMeant) void judge(run, end, wasReady)
    if (current !== run || !wanted) return
    current = undefined
    again = setTimeout(restart, wasReady || end === 'SIGKILL' ? restartMs : failedStartMs)
  }

  /** It ended though nobody told it to. Where something was away no process need start, but each knows why it does not. */
  async function judge(run: Run, end: NodeJS.Signals | number, wasReady: boolean): Promise<void> {
    const mayFail = end !== 'SIGKILL' && !wasReady && needs.wasAway(run.begun)
    await run.closed
    if (mayFail && !run.output().includes(uncaught)) return
    onFault(`ended with ${end}${wasReady ? '' : ' before it was ready'}: ${run.output()}`)
  }

  function restart(): void {
    if (wanted && !current) current = begin()
  }

  /** SIGTERM, and the process must end with 0 in time, or because somebody killed it. */
  async function drain(run: Run): Promise<void> {
    run.ending = true
    run.child.kill('SIGTERM')
    const late = setTimeout(() => {
      onFault(`a drain took over ${drainMs} ms: ${run.output()}`)
      slay(run)
    }, drainMs)
    const end = await ended(run.child)
    clearTimeout(late)
    if (end !== 0 && end !== 'SIGKILL') onFault(`a drain ended with ${end}: ${run.output()}`)
  }

  return {
    place,
    port: () => current?.port,
    async start() {
      wanted = true
      while (wanted) {
        restart()
        if (await current?.ready) return
        await sleep(failedStartMs)
      }
    },
    async kill(afterMs) {
      while (wanted && current?.port === undefined) await sleep(20)
      const run = current
      if (!run) return
      await Promise.race([sleep(Math.max(0, run.readyAt + afterMs - performance.now())), ended(run.child)])
      if (run.child.signalCode !== null) return
      run.armed = undefined
      slay(run)
      await ended(run.child)
    },
    async replace() {
      const old = current
      if (!old?.port || old.ending) return
      const next = begin()
      current = next
      // Before the successor is ready the old one still works; when it is killed meanwhile nothing is lost.
      if (!(await next.ready)) old.ending = true
      const gone = drain(old).finally(() => leaving.delete(gone))
      leaving.add(gone)
      await gone
    },
    async stop() {
      wanted = false
      clearTimeout(again)
      await Promise.all([...leaving, current && drain(current)])
    },
    async destroy() {
      wanted = false
      clearTimeout(again)
      if (current) {
        current.ending = true
        slay(current)
      }
      await Promise.all([...leaving, current && ended(current.child)])
    },
  }
}

function slay(run: Run): void {
  run.killed = true
  run.child.kill('SIGKILL')
}

function launch({ place, folder, env, within = [], arm, onReady }: SlotNeeds): Run {
  const fault = arm()
  const begun = performance.now()
  const child = spawnTethered([process.execPath, main, ...argumentsFor(place.role)], {
    within,
    cwd: folder,
    env: { ...env, ...(fault ? { PARLEY_FAULT: `${fault.point}:${fault.arrival}` } : {}) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const { promise: ready, resolve } = Promise.withResolvers<boolean>()
  let text = ''
  const run: Run = {
    child,
    begun,
    armed: fault?.point,
    killed: false,
    port: undefined,
    readyAt: 0,
    ready,
    ending: false,
    closed: once(child, 'close'),
    output: () => text.slice(-4000),
  }
  const read = (bytes: Buffer): void => {
    text = (text + bytes.toString()).slice(-20_000)
    if (run.port !== undefined) return
    const port = Number(/http:\/\/127\.0\.0\.1:(\d+)\/(?:chat|health)/.exec(text)?.[1] ?? 0)
    if (port === 0) return
    run.port = port
    run.readyAt = performance.now()
    onReady?.(run.readyAt - begun)
    resolve(true)
  }
  child.stdout?.on('data', read)
  child.stderr?.on('data', read)
  child.once('exit', () => resolve(false))
  return run
}
