import { setTimeout as sleep } from 'node:timers/promises'
import { type FaultPoint, faultPoints } from '../../src/model/fault.ts'
import { createFakeModels, type FakeModels } from '../fakes/model/server.ts'
import { fakeVendors } from '../fakes/model/vendors.ts'
import { createFakeTelegram, fakeToken } from '../fakes/telegram/telegram.ts'
import { freePort } from '../support/servers/server.ts'
import { createDatabase, type DatabaseKind } from '../support/stores.ts'
import { paragraphsIn } from './answers.ts'
import { isRecorded } from './backlog.ts'
import { echoMs } from './launch.ts'
import type { Random } from './random.ts'
import { createCrashFolder, removeFolder } from './servers/folder.ts'
import { startSubject, type Subject, subjectPace, writeConfiguration } from './subject.ts'
import { echoNumbers } from './town.ts'
import { createWitness, type Report } from './witness.ts'

export interface KillReport extends Report {
  /** Points at which the process died after it had sent a reply that came again; `undefined`: it did not die. */
  repeatedAt: (FaultPoint | undefined)[]
  /** Points at which it died when only the first parts of an answer had come. */
  amidAt: FaultPoint[]
}

/** The last one first: nothing is left of a death before, so that the answer has parts behind the one that was settled. */
const points = [...faultPoints.slice(-1), ...faultPoints.slice(0, -1)]
const chat = '9007199254740993'
/** The most arrivals at a point before the kill. */
const latestArrival = 4
/** Of an answer: five messages, more than there are arrivals. */
const paragraphs = 13
const recoverMs = 30_000
const killMs = 30_000

/**
 * Kills the application `rounds` times at each point, then lets it run, and tells what became of every message. One person
 * writes again once the reply is there and recorded, so that nothing but the message at the point is under way.
 */
export async function killAtEachPoint(options: {
  kind: DatabaseKind
  rounds: number
  random: Random
}): Promise<KillReport> {
  const { rounds, random } = options
  const place = await createDatabase(options.kind)
  const folder = createCrashFolder()
  const telegram = await createFakeTelegram({ webhookRetryMs: 20, record: true })
  const models = await createFakeModels()
  models.always((request) => echoNumbers(request, paragraphs))
  const port = await freePort()
  const witness = createWitness()
  const bot = telegram.bot(fakeToken)
  const person = bot.person(chat)
  /** The point of each kill. */
  const kills: FaultPoint[] = []
  /** How many kills there had been when a reply last came. */
  const heard = new Map<string, number>()
  /** The same, of replies that came again; `undefined` when nothing was killed in between. */
  const repeated: (number | undefined)[] = []
  const amidAt: FaultPoint[] = []
  let isAmid = false
  const listen = (): number => {
    for (const { chatId, text } of bot.state.sent.splice(0)) {
      witness.heard(chatId, text)
      const before = heard.get(text)
      if (before !== undefined) repeated.push(before < kills.length ? before : undefined)
      heard.set(text, kills.length)
      const { found, of } = paragraphsIn(text)
      isAmid = found.at(-1) !== of
    }
    return witness.missing()
  }
  await writeConfiguration(folder)
  const env = environmentOf(place.options, telegram.root, models, port)
  const start = (fault: Record<string, string>): Subject =>
    startSubject({ folder, port, env: { ...env, ...fault } })
  let subject: Subject | undefined
  try {
    for (const point of Array.from({ length: rounds }, () => points).flat()) {
      subject = start({ PARLEY_FAULT: `${point}:${random.between(1, latestArrival)}` })
      const stop = new AbortController()
      const writing = writeInLockstep(() => person.writes(witness.ask(chat)), listen, port, stop.signal)
      await untilKilled(subject).finally(() => stop.abort())
      await writing
      // What it had sent may still be on its way.
      await sleep(20)
      listen()
      kills.push(point)
      if (isAmid) amidAt.push(point)
    }
    subject = start({})
    await subject.ready()
    const deadline = Date.now() + recoverMs
    while (listen() > 0 && Date.now() < deadline) await sleep(20)
    // A duplicate would come late.
    await sleep(echoMs(subjectPace))
    listen()
    subject.signal('SIGTERM')
    const code = await subject.exited
    if (code !== 0) throw new Error(`the subject ended with ${code}:\n${subject.output()}`)
    const repeatedAt = repeated.map((before) => (before === undefined ? undefined : kills[before]))
    return { ...witness.report(), repeatedAt, amidAt }
  } finally {
    subject?.signal('SIGKILL')
    await subject?.exited
    await Promise.all([telegram.stop(), models.close()])
    await place.drop()
    await removeFolder(folder)
  }
}

/** Writes whenever all is answered and, as the process itself says, recorded. */
async function writeInLockstep(
  write: () => void,
  listen: () => number,
  port: number,
  stop: AbortSignal,
): Promise<void> {
  while (!stop.aborted) {
    if (listen() === 0 && (await isRecorded(port)) && !stop.aborted) write()
    await sleep(2)
  }
}

async function untilKilled(subject: Subject): Promise<void> {
  const late = sleep(killMs, 'late' as const, { ref: false })
  const end = await Promise.race([subject.exited, late])
  if (end !== 'SIGKILL') throw new Error(`the subject was to be killed, but: ${end}\n${subject.output()}`)
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
    AI_PRICE: '0.1/0.4',
    COMPATIBLE_API_KEY: fakeVendors.compatible.key,
    COMPATIBLE_BASE_URL: models.baseUrl('compatible'),
  }
}
