/**
 * Replies a second through the Telegram webhook on one core, with a model that answers at once, against a bare loop that
 * stores nothing, in the same run. The peers have the other core.
 *
 *   node bench/replies.ts [--seconds 10] [--rounds 3] [--chats 200] [--database URL] [--json]
 *
 * Needs two cores and /usr/bin/taskset. With --database postgres://… it is PostgreSQL instead of the embedded database.
 */
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { startModel } from './peers/model.ts'
import { type People, startPeople } from './peers/people.ts'
import { startTelegram } from './peers/telegram.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '3' },
    chats: { type: 'string', default: '200' },
    database: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
})
const seconds = Number(values.seconds)
const chats = Number(values.chats)
const secret = 'fake-webhook-secret-for-bench'
const token = `123456:${'FAKE-TOKEN-FOR-BENCHMARKS'.padEnd(35, '0')}`
const warmUpMs = 3000
const clockTicks = 100

interface Result {
  subject: string
  repliesPerSecond: number
  cpuSecondsPer1000: number
  memoryMb: number
  p50Ms: number
  p99Ms: number
}

/** CPU seconds a process has used, all its threads together (proc(5), fields 14 and 15). */
async function cpuSeconds(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / clockTicks
}

async function memoryMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024)
}

/** Starts a subject on its own core, lets people talk to it, and tells how it did. */
async function measure(subject: string, command: (...ports: number[]) => string[]): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-bench-'))
  await writeFile(join(folder, 'parley.yaml'), settings)
  const port = 20_000 + Math.floor(Math.random() * 20_000)
  let people: People | undefined
  const model = await startModel()
  const telegram = await startTelegram(webhookUrl(port), (chat) => people?.heard(chat))
  const child = spawn(
    '/usr/bin/taskset',
    ['-c', '0', process.execPath, ...command(port, telegram.port, model.port)],
    {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
      env: environment(folder, port, telegram.port, model.port),
    },
  )
  try {
    while (!(await fetch(`${origin(port)}/livez`).catch(() => undefined))) await sleep(50)
    people = startPeople({ port, chats, connections: 40, secret })
    await sleep(warmUpMs)
    return { subject, ...(await observe(child.pid ?? 0, people)) }
  } finally {
    people?.close()
    child.kill('SIGKILL')
    model.close()
    telegram.close()
    await rm(folder, { recursive: true, force: true })
  }
}

async function observe(pid: number, people: People): Promise<Omit<Result, 'subject'>> {
  people.takeLatencies()
  const before = { replies: people.count(), cpu: await cpuSeconds(pid), at: performance.now() }
  await sleep(seconds * 1000)
  const replies = people.count() - before.replies
  const elapsed = (performance.now() - before.at) / 1000
  const cpu = (await cpuSeconds(pid)) - before.cpu
  const latencies = people.takeLatencies().sort((a, b) => a - b)
  const at = (share: number): number =>
    Math.round((latencies[Math.floor(latencies.length * share)] ?? 0) * 10) / 10
  return {
    repliesPerSecond: Math.round(replies / elapsed),
    cpuSecondsPer1000: Math.round((cpu / replies) * 1000 * 1000) / 1000,
    memoryMb: await memoryMb(pid),
    p50Ms: at(0.5),
    p99Ms: at(0.99),
  }
}

const settings = `pipeline: { concurrency: 256 }
telegram: { quiet_window: 0ms, rate: { per_chat: 1000, per_group_minute: 10000, overall: 10000 } }
limits: { per_hour: 100000000, per_day: 100000000, model_calls: { per_session: 100000000, per_day: 100000000 } }
`

function environment(folder: string, port: number, telegram: number, model: number): Record<string, string> {
  return {
    PORT: String(port),
    LOG_LEVEL: 'warn',
    DATA_DIR: folder,
    ...(values.database ? { DATABASE_URL: values.database } : {}),
    TELEGRAM_BOT_TOKEN: token,
    TELEGRAM_API_ROOT: origin(telegram),
    TELEGRAM_WEBHOOK_URL: webhookUrl(port),
    TELEGRAM_WEBHOOK_SECRET: secret,
    AI_PROVIDER: 'compatible',
    AI_MODEL: 'fake',
    AI_PRICE: '0.15/0.075/0.6',
    COMPATIBLE_API_KEY: 'fake-key',
    COMPATIBLE_BASE_URL: `${origin(model)}/v1`,
  }
}

const webhookUrl = (port: number): string => `${origin(port)}/webhook/telegram`
const origin = (port = 0): string => `http://127.0.0.1:${port}`
const bareLoop = (port = 0, telegram = 0, model = 0): string[] => [
  join(import.meta.dirname, 'bare.ts'),
  String(port),
  origin(telegram),
  origin(model),
]
const parley = (): string[] => [join(import.meta.dirname, '../src/main.ts'), 'start']

const median = (numbers: number[]): number =>
  numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0

spawn('/usr/bin/taskset', ['-cp', '1', String(process.pid)], { stdio: 'ignore' })
const results: Result[] = []
for (let round = 0; round < Number(values.rounds); round += 1) {
  results.push(await measure('bare loop', bareLoop))
  results.push(await measure('parley', parley))
}
const of = (subject: string): number =>
  median(results.filter((result) => result.subject === subject).map((result) => result.repliesPerSecond))
const ratio = Math.round((of('parley') / of('bare loop')) * 100) / 100

const row = (cells: (string | number)[]): string =>
  cells.map((cell, index) => (index === 0 ? String(cell).padEnd(10) : String(cell).padStart(12))).join('')
const table = [
  row(['subject', 'replies/s', 'CPU s/1000', 'MB', 'p50 ms', 'p99 ms']),
  ...results.map((result) => row(Object.values(result))),
  `parley / bare loop, medians: ${ratio}`,
].join('\n')
process.stdout.write(`${values.json ? JSON.stringify({ results, ratio }) : table}\n`)
process.exit(0)
