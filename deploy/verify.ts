// Whether what runs at an address is what was meant, and answers: see usage.
import { parseArgs } from 'node:util'
import { verify } from './steps/verify.ts'

const usage = `Usage: npm run node -- deploy/verify.ts URL [--version 1.2.3] [--commit 0a1b2c3] [--within SECONDS]

Waits until URL says that it runs this version and is ready, and has a conversation (/status) as a page would.
Exit codes: 0 it does, 1 it does not, 2 wrong usage.`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  strict: false,
  options: { version: { type: 'string' }, commit: { type: 'string' }, within: { type: 'string' } },
})
const [url, ...others] = positionals
const within = Number(values.within ?? '120')

if (url === undefined || !URL.canParse(url) || others.length > 0 || !(within > 0)) {
  process.stderr.write(`${usage}\n`)
  process.exitCode = 2
} else {
  const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
  const expected = { version: text(values.version), commit: text(values.commit) }
  try {
    const { version, commit } = await verify(url, defined(expected), within * 1000)
    process.stdout.write(`ok: ${version} ${commit.slice(0, 12)} answers at ${url}\n`)
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  }
}

function defined({ version, commit }: { version: string | undefined; commit: string | undefined }) {
  return { ...(version !== undefined && { version }), ...(commit !== undefined && { commit }) }
}
