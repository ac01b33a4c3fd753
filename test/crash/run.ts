import { parseArgs } from 'node:util'
import { databaseKinds } from '../support/stores.ts'
import { numberOf, runCommand } from './command.ts'
import { longPlans } from './plans.ts'
import { randomSeed } from './random.ts'
import { storm } from './storm.ts'
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
  const outcome = await storm({
    ...plan,
    kind,
    receive,
    seed,
    kills: numberOr(values.kills, values.minutes === undefined ? plan.kills : Number.POSITIVE_INFINITY),
    messages: numberOr(values.messages, 0),
    minutes: numberOr(values.minutes, 120),
    people: { ...plan.people, perSecond: numberOr(values.rate, plan.people.perSecond) },
    ...(values.steps ? { onStep: tell } : {}),
    onProgress: tell,
  })
  tell(`\n${tableOf(outcome)}`)
  const wrong = wrongIn(outcome)
  const byName = Map.groupBy(wrong, (what) => what.split(':')[0])
  for (const list of byName.values()) for (const what of list.slice(0, mostTold)) tell(what)
  return wrong.length === 0 ? 0 : 1
}

const numberOr = (text: string | undefined, standard: number): number =>
  text === undefined ? standard : numberOf(text)

await runCommand(main, usage)
