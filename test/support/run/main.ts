import { meetNeeds, needs } from './needs.ts'
import { asksForHelp } from '../../crash/command.ts'
import { plan, scripts } from './plan.ts'
import type { Mode } from './plan.ts'
import { runProgram, stopPrograms } from './program.ts'
import { startServers } from './servers.ts'
import type { Servers } from './servers.ts'
import type { Step } from './step.ts'
import { summary } from './summary.ts'
import type { Line } from './summary.ts'

let servers: Servers = { env: {}, stop: async () => {} }

async function runStep(step: Step): Promise<Line> {
  const begin = performance.now()
  process.stdout.write(`${step.name} …\n`)
  const { passed, failed, output } = await step.run(servers.env)
  if (failed > 0) process.stdout.write(`${output}\n${step.name} FAILED\n`)
  return { step: step.name, seconds: (performance.now() - begin) / 1000, passed, failed }
}

async function runLane(steps: readonly Step[]): Promise<Line[]> {
  const lines: Line[] = []
  for (const step of steps) lines.push(await runStep(step))
  return lines
}

const hasServers = (mode: Mode): boolean => mode === 'full' || mode === 'long'

/** What the steps need. Quick runs take their database, should a test want one, from vitest's own setup. */
async function makeReady(mode: Mode): Promise<Line> {
  const begin = performance.now()
  const wanted = needs.filter(
    ({ fullOnly = false, name }) => hasServers(mode) || !fullOnly || (mode === 'drill' && name === 'nginx'),
  )
  let failed = 0
  try {
    await meetNeeds(wanted)
    if (hasServers(mode)) servers = await startServers()
  } catch (error) {
    process.stdout.write(`${error instanceof Error ? error.message : String(error)}\n`)
    failed = 1
  }
  return { step: 'servers', seconds: (performance.now() - begin) / 1000, passed: 1 - failed, failed }
}

async function run(mode: Mode, further: string[]): Promise<number> {
  const lines: Line[] = [await makeReady(mode)]
  try {
    for (const lanes of plan(mode, further)) lines.push(...(await Promise.all(lanes.map(runLane))).flat())
  } finally {
    await servers.stop()
  }
  process.stdout.write(summary(lines))
  return lines.some(({ failed }) => failed > 0) ? 1 : 0
}

/** Runs nothing. */
async function help(first: string | undefined): Promise<void> {
  const script = first === '--crash' ? scripts.crash : first === '--drill' ? scripts.drill : undefined
  if (script === undefined) process.stdout.write(usage)
  else await runProgram([process.execPath, script, '--help'], {}, true)
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    stopPrograms()
    void servers.stop().finally(() => process.exit(1))
  })
}

const usage =
  'Usage: npm test | npm run test:fast | npm run test:long | npm run test:crash -- [options] | npm run drill -- [options]\n'

const args = process.argv.slice(2)
const [first, ...others] = args
if (asksForHelp(args)) await help(first)
else if (first === undefined) process.exitCode = await run('full', [])
else if (first === '--fast' && others.length === 0) process.exitCode = await run('fast', [])
else if (first === '--crash') process.exitCode = await run('crash', others)
else if (first === '--drill') process.exitCode = await run('drill', others)
else if (first === '--long' && others.length === 0) process.exitCode = await run('long', [])
else {
  process.stderr.write(usage)
  process.exitCode = 2
}
