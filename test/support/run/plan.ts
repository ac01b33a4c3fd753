import { existsSync } from 'node:fs'
import { check, live } from './step.ts'
import type { Step } from './step.ts'
import { longTests, tests } from './vitest.ts'

export type Mode = 'full' | 'fast' | 'crash' | 'drill' | 'long'

/** What takes options of its own. */
export const scripts = { crash: 'test/crash/run.ts', drill: 'test/drill/run.ts' }

/** Steps one after the other. */
type Lane = Step[]

/** The steps of a mode: groups one after the other, the cheap ones first; the lanes of one group at the same time. */
export function plan(mode: Mode, further: string[]): Lane[][] {
  if (mode === 'crash' || mode === 'drill') return [[[live(mode, [scripts[mode], ...further])]]]
  if (mode === 'long') return [[[longTests(longFiles, longNumbers)]]]
  const quick = [types(), lint(), tests('architecture')]
  if (mode === 'fast') return [[[...quick, tests('unit')]]]
  // Those of deploy, browser and crash wait for other processes as much as they work.
  const lanes = [
    ['unit', 'contracts', 'flows'],
    ['deploy', 'browser', 'crash'],
  ]
  return [[[...quick, format(), unused()]], lanes.map((lane) => lane.map(tests))]
}

/** Tests that have a short form in `npm test`, and what makes them long. */
const longFiles = [
  'test/crash/kill.test.ts',
  'test/crash/outage.test.ts',
  'test/deploy/nginx.test.ts',
  'test/flows/backup-load.test.ts',
  'test/flows/duplicates.test.ts',
  'test/flows/migrate-data.test.ts',
  'test/flows/mutated-input.test.ts',
]
const longNumbers = {
  BACKUPS: '20',
  CRASH_DUPLICATES: '10000',
  CRASH_KILLS: '25',
  CRASH_MUTATIONS: '1000000',
  CRASH_OUTAGE_SECONDS: '60',
  MESSAGES: '1000000',
  NGINX_TEST_SECONDS: '60',
}

function types(): Step {
  const projects = ['tsconfig.json', 'web/tsconfig.json'].filter((path) => existsSync(path))
  return check(
    'types',
    ...projects.map((path) => ['node_modules/typescript/bin/tsc', '--noEmit', '-p', path]),
  )
}

const lint = (): Step => check('lint', ['node_modules/oxlint/bin/oxlint', '--type-aware', '--deny-warnings'])

const format = (): Step =>
  check('format', ['node_modules/@biomejs/biome/bin/biome', 'format', '--max-diagnostics=50'])

/** Files, exports and packages nobody uses. */
const unused = (): Step => check('unused', ['node_modules/knip/bin/knip.js', '--no-config-hints'])
