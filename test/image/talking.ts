import { setTimeout as sleep } from 'node:timers/promises'
import { echoNumbers } from '../crash/town.ts'
import { createWitness, type Report } from '../crash/witness.ts'
import { createFakeModels, type FakeModels } from '../fakes/model/server.ts'
import { fakeVendors } from '../fakes/model/vendors.ts'
import { openFakePage } from '../fakes/web/page.ts'
import type { Check } from './check.ts'
import type { Engine } from './engine.ts'

/** A container at work. */
export interface Subject {
  engine: Engine
  name: string
  address: string
  models: FakeModels
}

/** So long a model thinks: what is killed or stopped meanwhile has an answer under way. */
const thinkMs = 2000
const questions = 40
/** An answer that came twice would have come by then. */
const lateMs = 3000

/** A model of this machine, which answers with the numbers of what it was asked. */
export async function startModel(): Promise<FakeModels> {
  const models = await createFakeModels()
  models.always((request) => ({ ...echoNumbers(request, 1), firstTokenMs: thinkMs }))
  return models
}

/** What has the container ask that model, as often as it likes. */
export const settingsFor = (models: FakeModels): Record<string, string> => ({
  AI_PROVIDER: 'openai',
  AI_MODEL: fakeVendors.openai.model,
  AI_PRICE: '0.1/0.4',
  OPENAI_API_KEY: fakeVendors.openai.key,
  OPENAI_BASE_URL: models.baseUrl('openai'),
  LLM_SESSION_LIMIT: '1000',
  LLM_DAILY_LIMIT: '1000',
  RATE_LIMIT_PER_HOUR: '1000',
})

/** Killed in the midst of a conversation: everything accepted is answered, once, in order. */
export async function checkKill({ engine, name, address, models }: Subject, check: Check): Promise<void> {
  const { page, witness, answers } = openWitnessed(address)
  const before = models.requests.length
  try {
    for (let sent = 0; sent < questions; sent += 1) page.write(witness.ask(page.session))
    await until('an answer is there and another one under way', () => {
      const asked = models.requests.length - before
      return answers() > 0 && asked > answers()
    })
    await engine.call('kill', '--signal', 'KILL', name)
    check(
      `killed with ${answers()} answers there, one under way and ${page.unsent()} questions to come`,
      page.unsent() > 0,
    )
    await engine.call('start', name)
    await until('every question is answered', () => page.unsent() + witness.missing() === 0)
    await sleep(lateMs)
    const wrong = [...wrongIn(witness.report()), ...page.broken()]
    check(
      `${questions} questions are answered by number, each once and in order, over ${page.connections()} sockets${told(wrong)}`,
      wrong.length === 0,
    )
  } finally {
    page.close()
  }
}

/** SIGTERM reaches the server itself: what is under way is finished, and it ends well. */
export async function checkStop({ engine, name, address, models }: Subject, check: Check): Promise<void> {
  const { page, witness, answers } = openWitnessed(address)
  const before = models.requests.length
  try {
    page.write(witness.ask(page.session))
    await until('the model is asked', () => models.requests.length > before)
    const began = Date.now()
    const early = answers()
    await engine.call('stop', '--time', '45', name)
    const code = await engine.call('inspect', '--format', '{{.State.ExitCode}}', name)
    check(`SIGTERM: exit code ${code} after ${Date.now() - began} ms`, code === '0')
    await engine.call('start', name)
    await until('the answer is there', () => witness.missing() === 0)
    await sleep(lateMs)
    const wrong = [...wrongIn(witness.report()), ...page.broken()]
    check(
      `the answer that was under way is there, and the model was asked once${told(wrong)}`,
      early === 0 && models.requests.length === before + 1 && wrong.length === 0,
    )
  } finally {
    page.close()
  }
}

function openWitnessed(origin: string) {
  const witness = createWitness()
  let answers = 0
  const page = openFakePage({
    origin,
    onReply(text) {
      answers += 1
      witness.heard(page.session, text, { exactly: true })
    },
  })
  return { page, witness, answers: () => answers }
}

const wrongIn = ({ lost, disordered, misdirected, evasive, unexplained }: Report): string[] => [
  ...lost,
  ...disordered,
  ...misdirected,
  ...evasive,
  ...unexplained,
]

const told = (wrong: readonly string[]): string => wrong.map((what) => `; ${what}`).join('')

async function until(what: string, isSo: () => boolean): Promise<void> {
  for (const end = Date.now() + 60_000; !isSo(); await sleep(20))
    if (Date.now() > end) throw new Error(`Not within a minute: ${what}`)
}
