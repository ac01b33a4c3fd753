import { parseArgs } from 'node:util'
import { databaseKinds } from '../support/stores.ts'
import { numberOf, runCommand } from './command.ts'
import { longPlans } from './plans.ts'
import { randomSeed } from './random.ts'
import { type Outcome, storm } from './storm.ts'
import { tableOf, wrongIn } from './table.ts'

const usage = `Usage: npm run test:crash -- [--database postgres|sqlite] [--receive webhook|polling] [--kills N]
  [--messages N] [--minutes M] [--rate MESSAGES_A_SECOND] [--seed S] [--steps]
docs/operations/crash-tests.md says what it does.
`

/** Of each kind of finding. */
const mostTold = 20

/** The long form of the crash tests. Ends with 1 when anything went wrong, with 2 when it was called wrongly. */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      database: { type: 'string', default: 'postgres' },
      receive: { type: 'string', default: 'webhook' },
      kills: { type: 'string' },
      messages: { type: 'string', default: '0' },
      minutes: { type: 'string' },
      rate: { type: 'string' },
      seed: { type: 'string' },
      steps: { type: 'boolean', default: false },
    },
  })
  const kind = databaseKinds.find((name) => name === values.database)
  const receive = (['webhook', 'polling'] as const).find((name) => name === values.receive)
  if (!kind || !receive) throw new Error('unknown database or way to receive')
  const plan = longPlans[kind]
  const seed = numberOr(values.seed, randomSeed())
  const tell = (line: string): void => void process.stdout.write(`${line}\n`)
  tell(`seed ${seed}, ${kind}, ${receive}`)
  const wanted = {
    kills: numberOr(values.kills, values.minutes === undefined ? plan.kills : 0),
    messages: numberOr(values.messages, 0),
  }
  const isForTime = wanted.kills === 0 && wanted.messages === 0
  const outcome = await storm({
    ...plan,
    ...wanted,
    ...(isForTime ? { kills: Number.POSITIVE_INFINITY } : {}),
    kind,
    receive,
    seed,
    minutes: numberOr(values.minutes, 120),
    people: { ...plan.people, perSecond: numberOr(values.rate, plan.people.perSecond) },
    ...(values.steps ? { onStep: tell } : {}),
    onProgress: tell,
  })
  tell(`\n${tableOf(outcome)}`)
  const wrong = [...wrongIn(outcome), ...shortOf(wanted, outcome)]
  const byName = Map.groupBy(wrong, (what) => what.split(':')[0])
  for (const list of byName.values()) for (const what of list.slice(0, mostTold)) tell(what)
  return wrong.length === 0 ? 0 : 1
}

/** What the time did not suffice for. */
function shortOf(wanted: { kills: number; messages: number }, { counts, asked }: Outcome): string[] {
  const kills = counts.kills()
  return [
    ...(kills < wanted.kills ? [`too few kills: ${kills} of ${wanted.kills}`] : []),
    ...(asked < wanted.messages ? [`too few messages: ${asked} of ${wanted.messages}`] : []),
  ]
}

const numberOr = (text: string | undefined, standard: number): number =>
  text === undefined ? standard : numberOf(text)

await runCommand(main, usage)
