import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { loadConfig } from '../../../../src/config/load.ts'
import { formatProblem } from '../../../../src/config/problem.ts'
import { drainSeconds, roleOf } from '../../kubernetes/rules/running.ts'
import { commandOf, knownNames, secretNames, tokenShapes } from '../../kubernetes/rules/starts.ts'
import { sample } from '../../kubernetes/pod.ts'
import type { Rule } from '../check.ts'
import type { Project, Service } from '../compose.ts'
import { each, isParley } from './running.ts'

const own = (project: Project): [string, Service][] =>
  Object.entries(project.services).filter(([, service]) => isParley(service))

/** Names the configuration knows; secrets are files, of everybody's. */
export const environment: Rule = (project) => [
  ...each(project, (service) =>
    Object.keys(service.environment).flatMap((name) =>
      isParley(service)
        ? [
            !knownNames.has(name) && `gets ${name}, which is no setting`,
            secretNames.has(name) && `gets the secret ${name} in the open; use ${name}_FILE`,
          ]
        : [/PASSWORD|SECRET|TOKEN|KEY/.test(name) && !name.endsWith('_FILE') && `gets ${name} in the open`],
    ),
  ),
  ...(tokenShapes.test(JSON.stringify(project)) ? ['something looks like a secret'] : []),
]

/** Commands that exist, with options they know. */
export async function commands(project: Project): Promise<string[]> {
  const found = await Promise.all(
    own(project).map(async ([name, { command }]) =>
      (await commandOf(command)).map((each) => `${name}: ${each}`),
    ),
  )
  return found.flat()
}

/** Several that may poll agree by leases in PostgreSQL; without it there is one. */
export const onePoller: Rule = (project) => {
  const polling = own(project).filter(([, { command }]) =>
    ['all', 'poller'].includes(roleOf({ args: command }) ?? ''),
  )
  const count = polling.reduce((sum, [, { deploy }]) => sum + deploy.replicas, 0)
  const isShared = polling.every(([, service]) => 'DATABASE_URL_FILE' in service.environment)
  return count === 1 || (count > 1 && isShared) ? [] : [`there are ${count} pollers, not one`]
}

/** SIGTERM, then time to finish what is under way. */
export const stops: Rule = (project) =>
  own(project)
    .filter(
      ([, { restart, stop_grace_period: grace }]) =>
        restart !== 'no' && !(Number(/^(\d+)s$/.exec(grace)?.[1]) >= drainSeconds),
    )
    .map(([name]) => `${name} is killed before it has finished (stop_grace_period < ${drainSeconds}s)`)

/** What the Dockerfile sets. */
const ofImage = { ENVIRONMENT: 'production', HOST: '0.0.0.0', PORT: '8000', DATA_DIR: '/data' }

/** The configuration of each process, as it finds it in its container, has no problem. */
export const configurations: Rule = (project) =>
  own(project).flatMap(([name, service]) => {
    const folder = mkdtempSync(join(tmpdir(), 'parley-compose-'))
    try {
      return problemsOf(service, folder).map((finding) => `${name}: ${finding}`)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

function problemsOf(service: Service, folder: string): string[] {
  const mounted = [...service.volumes, ...service.tmpfs.map((each) => `:${each}`)].map(
    (each) => each.split(':')[1] ?? '',
  )
  const isThere = (path: string): boolean =>
    mounted.some((place) => path === place || path.startsWith(`${place}/`))
  const env = Object.entries({ ...ofImage, ...service.environment }).map(([key, value]): [string, string] => {
    if (value.startsWith('${')) return [key, '']
    if (!/_FILE$|_DIR$|^PARLEY_CONFIG$/.test(key) || !isThere(value)) return [key, value]
    const path = join(folder, value)
    mkdirSync(dirname(path), { recursive: true })
    if (key.endsWith('_FILE')) writeFileSync(path, sample(key.slice(0, -'_FILE'.length)))
    if (key === 'PARLEY_CONFIG') writeFileSync(path, 'bot: { name: Trial }\n')
    return [key, path]
  })
  const role = roleOf({ args: service.command }) ?? 'all'
  const loaded = loadConfig({ env: { ...Object.fromEntries(env), PARLEY_ROLE: role }, cwd: folder })
  if ('problems' in loaded) return loaded.problems.map(formatProblem)
  return loaded.warnings.map(({ found }) => found)
}
