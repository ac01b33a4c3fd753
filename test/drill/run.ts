import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { numberOf, runCommand } from '../crash/command.ts'
import { randomSeed } from '../crash/random.ts'
import { createCrashFolder, removeFolder } from '../crash/servers/folder.ts'
import { drill } from './drill.ts'
import { checkOutRelease, copyRelease, lastReleaseTag, presentRelease, type Release } from './release.ts'
import { addExpandingMigration } from './schema.ts'
import { tableOf, wrongIn } from './table.ts'

const usage = `Usage: npm run drill -- [--from REF] [--to REF] [--expand] [--minutes M] [--rate MESSAGES_A_SECOND] [--seed S]
docs/operations/deploy-drill.md says what it does.
`

/** Ends with 1 when anything went wrong, with 2 when it was called wrongly. */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      from: { type: 'string' },
      to: { type: 'string' },
      expand: { type: 'boolean', default: false },
      minutes: { type: 'string', default: '4' },
      rate: { type: 'string', default: '40' },
      seed: { type: 'string', default: String(randomSeed()) },
    },
  })
  const [minutes, perSecond, seed] = [values.minutes, values.rate, values.seed].map(numberOf)
  const say = (line: string): void =>
    void process.stdout.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`)
  const folder = createCrashFolder()
  try {
    const from = await checkOutRelease(join(folder, 'from'), values.from ?? (await lastReleaseTag()))
    const to = await next(join(folder, 'to'), values)
    if (from.image.reference === to.image.reference) throw new Error(`Both are ${from.image.reference}.`)
    say(`seed ${seed}, ${from.image.reference} → ${to.image.reference}`)
    const outcome = await drill({
      from,
      to,
      seed: seed ?? 0,
      folder: join(folder, 'front'),
      rounds: 1,
      minutes: minutes ?? 0,
      besideMs: 4000,
      aloneMs: 4000,
      patienceMs: 8000,
      people: { onTelegram: 60, onWeb: 30, perSecond: perSecond ?? 0 },
      say,
    })
    process.stdout.write(`\n${tableOf(outcome)}\n`)
    const wrong = wrongIn(outcome)
    for (const what of wrong.slice(0, 50)) process.stdout.write(`${what}\n`)
    return wrong.length === 0 ? 0 : 1
  } finally {
    await removeFolder(folder)
  }
}

/** `expand`: this tree with one migration more, as if it were the version after it. */
async function next(folder: string, { to, expand }: { to?: string; expand: boolean }): Promise<Release> {
  if (to !== undefined) return checkOutRelease(folder, to)
  return expand ? copyRelease(folder, '99.0.0', addExpandingMigration) : presentRelease()
}

await runCommand(main, usage)
