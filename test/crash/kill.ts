import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FaultPoint } from '../../src/model/fault.ts'
import { createFakeModels, type FakeModels, type FakeRequest } from '../fakes/model/server.ts'
import { fakeVendors } from '../fakes/model/vendors.ts'
import { createFakeTelegram, fakeToken } from '../fakes/telegram/telegram.ts'
import { freePort } from '../support/servers/server.ts'
import { createDatabase, type DatabaseKind } from '../support/stores.ts'
import { startSubject, type Subject, writeConfiguration } from './subject.ts'
import { createWitness, numbersIn, type Report } from './witness.ts'

export interface KillOptions {
  kind: DatabaseKind
  /** The point of each kill. */
  point: () => FaultPoint
  /**
   * `lockstep`: one person, who writes again once the reply is there and recorded, so that nothing but the message at
   * the point is under way. `load`: three people who write all the time.
   */
  mode: 'lockstep' | 'load'
  /** How often the process is killed. */
  kills: number
  /** 0 to 1. */
  random: () => number
}

const chats = ['9007199254740993', '9007199254740995', '9007199254740997']
const writeEveryMs = 8
/** After a reply arrived, its record is durable by then. */
const recordedMs = 40
/** The most arrivals at a point before the kill. */
const latestArrival = 6
const recoverMs = 30_000
const killMs = 20_000

/**
 * Kills the application `kills` times while people write, then lets it run, and tells what became of every message.
 */
export async function killRepeatedly(options: KillOptions): Promise<Report> {
  const { point, kills, random, mode } = options
  const place = await createDatabase(options.kind)
  const folder = await mkdtemp(join(tmpdir(), 'parley-crash-'))
  const telegram = await createFakeTelegram({ webhookRetryMs: 20, record: true })
  const models = await createFakeModels()
  models.always(echoNumbers)
  const port = await freePort()
  const witness = createWitness()
  const bot = telegram.bot(fakeToken)
  const people = chats.slice(0, mode === 'lockstep' ? 1 : undefined).map((id) => bot.person(id))
  const listen = (): number => {
    for (const { chatId, text } of bot.state.sent.splice(0)) witness.heard(chatId, text)
    return witness.missing()
  }
  const write = (): void => {
    const person = people[Math.floor(random() * people.length)]
    person?.writes(witness.ask(person.chat.id))
  }
  await writeConfiguration(folder)
  const env = environmentOf(place.options, telegram.root, models, port)
  const start = (fault?: string): Subject =>
    startSubject({ folder, port, env: fault ? { ...env, PARLEY_FAULT: fault } : env })
  let subject: Subject | undefined
  try {
    for (let kill = 0; kill < kills; kill += 1) {
      subject = start(`${point()}:${1 + Math.floor(random() * latestArrival)}`)
      const stop = mode === 'load' ? writeOften(write) : writeInLockstep(write, listen)
      await untilKilled(subject).finally(stop)
    }
    subject = start()
    await subject.ready()
    const deadline = Date.now() + recoverMs
    while (listen() > 0 && Date.now() < deadline) await sleep(20)
    // A duplicate would come late: what is still under way gets its time.
    await sleep(300)
    listen()
    subject.signal('SIGTERM')
    const code = await subject.exited
    if (code !== 0) throw new Error(`the subject ended with ${code}:\n${subject.output()}`)
    return witness.report()
  } finally {
    subject?.signal('SIGKILL')
    await subject?.exited
    await Promise.all([telegram.stop(), models.close()])
    await place.drop()
    await rm(folder, { recursive: true })
  }
}

/** The platform keeps what it cannot deliver. Returns how to stop. */
function writeOften(write: () => void): () => void {
  write()
  const timer = setInterval(write, writeEveryMs)
  return () => clearInterval(timer)
}

function writeInLockstep(write: () => void, listen: () => number): () => void {
  let quietSince = 0
  const timer = setInterval(() => {
    if (listen() > 0) quietSince = Date.now()
    else if (Date.now() - quietSince > recordedMs) write()
  }, 2)
  return () => clearInterval(timer)
}

async function untilKilled(subject: Subject): Promise<void> {
  const late = sleep(killMs, 'late' as const, { ref: false })
  const end = await Promise.race([subject.exited, late])
  if (end !== 'SIGKILL') throw new Error(`the subject was to be killed, but: ${end}\n${subject.output()}`)
}

/** A model that answers with the numbers of what it was last asked. */
function echoNumbers({ body }: FakeRequest): { tokens: string[] } {
  const { messages } = body as { messages: { role: string; content: string }[] }
  const asked = messages.findLast((message) => message.role === 'user')?.content ?? ''
  return {
    tokens: [
      'This is the whole answer, long enough to be sure of itself, to ',
      numbersIn(asked)
        .map((number) => `#${number}`)
        .join(' '),
      '.',
    ],
  }
}

function environmentOf(
  database: { kind: 'sqlite'; path: string } | { kind: 'postgres'; url: string },
  telegramRoot: string,
  models: FakeModels,
  port: number,
): Record<string, string> {
  return {
    ...(database.kind === 'sqlite' ? { DATABASE_PATH: database.path } : { DATABASE_URL: database.url }),
    TELEGRAM_BOT_TOKEN: fakeToken,
    TELEGRAM_API_ROOT: telegramRoot,
    TELEGRAM_WEBHOOK_URL: `http://127.0.0.1:${port}/webhook/telegram`,
    TELEGRAM_WEBHOOK_SECRET: 'fake-webhook-secret-for-tests',
    AI_PROVIDER: 'compatible',
    AI_MODEL: fakeVendors.compatible.model,
    COMPATIBLE_API_KEY: fakeVendors.compatible.key,
    COMPATIBLE_BASE_URL: models.baseUrl('compatible'),
  }
}
