// Whether what runs at an address is what was meant, and answers: see usage.
import { parseArgs } from 'node:util'
import { loud } from './steps/loud.ts'
import { missingAt, requireAddress } from './steps/running.ts'
import { verify } from './steps/verify.ts'

const usage = `Usage: npm run node -- deploy/verify.ts URL [--version 1.2.3] [--commit 0a1b2c3] [--within SECONDS]

Waits until URL says that it runs this version and is ready, and has a conversation (/status) as a page would.
What it does without, as a channel that is away, is a warning.
Exit codes: 0 it does, 1 it does not, 2 wrong usage.`

process.exitCode = await main()

async function main(): Promise<number> {
  const asked = read()
  if (!asked) return 2
  const { url, expected, withinMs } = asked
  try {
    const { version, commit } = await verify(url, expected, withinMs)
    process.stdout.write(`ok: ${version} ${commit.slice(0, 12)} answers at ${url}\n`)
    for (const each of await missingAt(url)) process.stdout.write(`${loud(`WARNING: ${each}`)}\n`)
    return 0
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    return 1
  }
}

/** What is meant; `undefined`, once said, where that is not clear: what verifies nothing must not seem to. */
function read() {
  try {
    const text = { type: 'string' } as const
    const options = { version: text, commit: text, within: text }
    const { values, positionals } = parseArgs({ allowPositionals: true, options })
    const [url = '', ...others] = positionals
    const { within = '120', ...expected } = values
    requireAddress(url)
    if (others.length > 0) throw new Error(`"${others.join(' ')}" is too much`)
    if (Object.values(expected).includes('')) throw new Error('--version or --commit says nothing')
    if (!(Number(within) > 0)) throw new Error(`--within "${within}" are no seconds`)
    return { url, expected, withinMs: Number(within) * 1000 }
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}\n`)
    return undefined
  }
}
