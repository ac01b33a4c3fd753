import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { hasRedis } from '../servers/redis.ts'
import { postgresPrograms } from '../servers/postgres.ts'
import { kustomizeCommand } from '../kustomize.ts'
import { findProgram, unpackFromNextRelease } from './next-release.ts'
import { runProgram } from './program.ts'

/** A program the tests need besides the packages. */
export interface Need {
  name: string
  /** Debian's package. */
  package: string
  /** Names one that is there already, anywhere. */
  variable: string
  /** The quick tests do without. */
  fullOnly?: boolean
  /** Only the next release of Debian has it; it needs nothing else. */
  nextRelease?: boolean
  isMet(): boolean
}

const chromiumNames = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome']

/** Path of a Chromium to test with. */
export function chromiumPath(): string | undefined {
  const named = process.env.CHROMIUM_PATH
  if (named !== undefined) return existsSync(named) ? named : undefined
  const folders = (process.env.PATH ?? '').split(delimiter)
  return chromiumNames
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find((path) => existsSync(path))
}

export const needs: Need[] = [
  {
    name: 'PostgreSQL',
    package: 'postgresql',
    variable: 'DATABASE_TEST_URL',
    isMet: () => process.env.DATABASE_TEST_URL !== undefined || postgresPrograms() !== undefined,
  },
  {
    name: 'Redis',
    package: 'redis-server',
    variable: 'REDIS_TEST_URL',
    isMet: () => process.env.REDIS_TEST_URL !== undefined || hasRedis(),
  },
  {
    name: 'nginx',
    package: 'nginx',
    variable: 'NGINX_PATH',
    fullOnly: true,
    isMet: () => findProgram('nginx', 'NGINX_PATH') !== undefined,
  },
  {
    name: 'Prometheus',
    package: 'prometheus',
    variable: 'PROMETHEUS_PATH',
    fullOnly: true,
    isMet: () => findProgram('prometheus', 'PROMETHEUS_PATH') !== undefined,
  },
  {
    name: 'Alertmanager',
    package: 'prometheus-alertmanager',
    variable: 'ALERTMANAGER_PATH',
    fullOnly: true,
    isMet: () => findProgram('prometheus-alertmanager', 'ALERTMANAGER_PATH') !== undefined,
  },
  {
    name: 'systemd-analyze',
    package: 'systemd',
    variable: 'SYSTEMD_ANALYZE_PATH',
    fullOnly: true,
    isMet: () => findProgram('systemd-analyze', 'SYSTEMD_ANALYZE_PATH') !== undefined,
  },
  {
    name: 'Chromium',
    package: 'chromium',
    variable: 'CHROMIUM_PATH',
    fullOnly: true,
    isMet: () => chromiumPath() !== undefined,
  },
  {
    name: 'Kustomize',
    package: 'kustomize',
    variable: 'KUSTOMIZE_PATH',
    fullOnly: true,
    nextRelease: true,
    isMet: () => kustomizeCommand() !== undefined,
  },
  {
    name: 'Gitleaks',
    package: 'gitleaks',
    variable: 'GITLEAKS_PATH',
    fullOnly: true,
    nextRelease: true,
    isMet: () => findProgram('gitleaks', 'GITLEAKS_PATH') !== undefined,
  },
]

/** Installs what is missing where that is possible; throws with what is still missing and what to do. */
export async function meetNeeds(wanted: Need[]): Promise<void> {
  const missing = wanted.filter((need) => !need.isMet())
  if (missing.length === 0) return
  const output = canInstall() ? await installAll(missing) : ''
  const still = missing.filter((need) => !need.isMet())
  if (still.length === 0) return
  const lines = still.map(
    (need) => `  ${need.name}: install the package ${need.package}, or set ${need.variable}`,
  )
  throw new Error(`The tests need what is not here:\n${lines.join('\n')}\n${output}`)
}

const canInstall = (): boolean => process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')

async function installAll(missing: Need[]): Promise<string> {
  const packages = (later: boolean): string[] =>
    missing.filter(({ nextRelease = false }) => nextRelease === later).map((need) => need.package)
  return `${await install(packages(false))}${await unpack(packages(true))}`
}

async function unpack(packages: string[]): Promise<string> {
  if (packages.length === 0) return ''
  process.stdout.write(`Unpacking ${packages.join(', ')} of Debian's next release …\n`)
  return unpackFromNextRelease(packages)
}

async function install(packages: string[]): Promise<string> {
  if (packages.length === 0) return ''
  process.stdout.write(`Installing ${packages.join(', ')} …\n`)
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  const update = await runProgram(['apt-get', 'update', '-qq'], env)
  const added = await runProgram(
    ['apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...packages],
    env,
  )
  return added.code === 0 ? '' : `${update.output}${added.output}`
}
