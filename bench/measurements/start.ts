import type { Measurement } from '../measurement.ts'
import { type Observed, observe } from '../observe.ts'
import { startModel } from '../peers/model.ts'
import { startTelegram } from '../peers/telegram.ts'
import { type Child, startChild } from '../processes/child.ts'
import { subjectCore } from '../processes/cores.ts'
import { createFolder } from '../processes/keep.ts'
import { freePort, until } from '../processes/port.ts'
import { cpuSeconds } from '../processes/usage.ts'
import { median } from '../numbers.ts'
import { origin } from '../stage.ts'
import { bareLoop, grammyWithSdk } from '../subjects/compared.ts'
import { launched, parleyOnSqlite } from '../subjects/parley.ts'
import type { Place, Subject } from '../subjects/subject.ts'

interface Start extends Observed {
  readyMs: number
  cpuToReady: number
}

/** One start after the other on the same folder: `again` finds the database that `first` made. */
interface Case {
  name: string
  subject: Subject
  starts: number
}

const cases: Case[] = [
  { name: 'bare loop', subject: bareLoop, starts: 1 },
  { name: 'grammY + SDK', subject: grammyWithSdk, starts: 1 },
  { name: 'Parley, SQLite', subject: launched(parleyOnSqlite), starts: 2 },
]

const words = ['', ', again']

export const start: Measurement = {
  name: 'start',
  about: 'time and CPU from the command to ready, memory and CPU when idle',
  minutes: ({ quick }) => (quick ? 0.1 : 4),
  async run({ quick }, say) {
    const rounds = quick ? 1 : 5
    const idleMs = quick ? 300 : 10_000
    const results = new Map<string, Start[]>()
    for (let round = 1; round <= rounds; round += 1) {
      for (const one of cases) {
        say(`${one.name}, round ${round}`)
        for (const [index, result] of (await startsOf(one, idleMs)).entries()) {
          const name = one.name + (words[index] ?? '')
          results.set(name, [...(results.get(name) ?? []), result])
        }
      }
    }
    return {
      method: [
        `Medians of ${rounds} starts. Ready: /readyz answers 200 (asked every 5 ms); for Parley that includes Telegram and the database.`,
        'Parley is started with its launcher (bin/parley.mjs start), the first time on a new database, then again on that one.',
        `Memory is resident set size after ${idleMs / 1000} s without work; idle CPU is that of the same time, in thousandths of a core.`,
      ],
      tables: [tableOf(results)],
      notes: disturbed(results),
      rounds: [...results].map(([name, all]) => ({ name, all })),
    }
  },
}

async function startsOf({ subject, starts }: Case, idleMs: number): Promise<Start[]> {
  const folder = await createFolder()
  const port = await freePort()
  const model = await startModel()
  const telegram = await startTelegram(
    () => `${origin(port)}/webhook/telegram`,
    () => undefined,
  )
  const place: Place = {
    folder: folder.path,
    ports: [port],
    telegram: origin(telegram.port),
    model: origin(model.port),
    databaseUrl: '',
    redisUrl: '',
  }
  try {
    const results: Start[] = []
    for (let done = 0; done < starts; done += 1) results.push(await startOnce(subject, place, idleMs))
    return results
  } finally {
    model.close()
    telegram.close()
    await folder.remove()
  }
}

async function startOnce(subject: Subject, place: Place, idleMs: number): Promise<Start> {
  const [command] = await subject.commands(place)
  if (!command) throw new Error(`${subject.name} has no command`)
  const began = performance.now()
  const child = startChild({ cwd: place.folder, core: subjectCore, stopSignal: 'SIGTERM', ...command })
  try {
    await untilReady(child, place.ports[0] ?? 0)
    const readyMs = performance.now() - began
    const cpuToReady = cpuSeconds([child.pid])
    return { readyMs, cpuToReady, ...(await observe([child.pid], idleMs)) }
  } finally {
    await child.stop()
  }
}

async function untilReady(child: Child, port: number): Promise<void> {
  await until('the subject did not become ready', 60_000, async () => {
    child.assertAlive()
    const response = await fetch(`${origin(port)}/readyz`).catch(() => undefined)
    await response?.text()
    return response?.ok === true
  })
}

function tableOf(results: Map<string, Start[]>) {
  const middle = (starts: Start[], figure: (start: Start) => number): number => median(starts.map(figure))
  return {
    title: 'Starts',
    columns: [
      { key: 'subject', head: 'subject' },
      { key: 'ready', head: 'ready ms' },
      { key: 'cpu', head: 'CPU s', digits: 2 },
      { key: 'memory', head: 'idle MB' },
      { key: 'idle', head: 'idle CPU ‰', digits: 1 },
      { key: 'others', head: 'others %' },
    ],
    rows: [...results].map(([subject, starts]) => ({
      subject,
      ready: middle(starts, ({ readyMs }) => readyMs),
      cpu: middle(starts, ({ cpuToReady }) => cpuToReady),
      memory: middle(starts, ({ memoryMb }) => memoryMb),
      idle: middle(starts, ({ cpuSeconds: used, seconds }) => used / seconds) * 1000,
      others: middle(starts, ({ othersShare }) => othersShare) * 100,
    })),
  }
}

function disturbed(results: Map<string, Start[]>): string[] {
  const share = median([...results.values()].flat().map(({ othersShare }) => othersShare))
  return share > 0.1 ? [`Other programs had ${Math.round(share * 100)} % of a core.`] : []
}
