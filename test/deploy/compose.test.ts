import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseEnv } from 'node:util'
import { describe, expect, test } from 'vitest'
import { asProject, readProject } from '../support/compose/compose.ts'
import { checkProject } from '../support/compose/check.ts'
import { knownNames } from '../support/kubernetes/rules/starts.ts'

const folder = join(import.meta.dirname, '../../deploy/compose')
const at = (path: string): string => join(folder, path)
const projects = {
  development: [at('development/compose.yaml')],
  production: [at('production/compose.yaml')],
  'production with PostgreSQL': [at('production/compose.yaml'), at('production/postgres.yaml')],
  'production with monitoring': [at('production/compose.yaml'), at('production/monitoring.yaml')],
  'production with all': ['compose', 'postgres', 'monitoring'].map((name) => at(`production/${name}.yaml`)),
}

test.each(Object.entries(projects))('%s', async (_, paths) => {
  expect(await checkProject(readProject(...paths))).toEqual([])
})

test('a full nginx fits into its container, also after ten reloads within an hour', () => {
  const text = readFileSync(at('../nginx/nginx.conf'), 'utf8')
  const said = (name: string): number => Number(new RegExp(`^ *${name} (\\d+);$`, 'm').exec(text)?.[1])
  const [workers, connections] = [said('worker_processes'), said('worker_connections')]
  expect(said('worker_rlimit_nofile')).toBeGreaterThan(connections)
  const limits = asProject(readProject(...projects.production)).services['nginx']?.deploy.resources.limits
  expect(1 + workers * 11).toBeLessThan(limits?.pids ?? 0)
  // Measured: 48.5 KB for a page's socket of two connections, and 232 + 2 * 96 bytes of tables for each connection there may be.
  const bytes = workers * connections * (48_500 / 2 + 424 * 11)
  expect(bytes / 1024 / 1024).toBeLessThan(Number(limits?.memory?.replace(/M$/, '')))
})

test('what the product asks for', () => {
  const { services } = asProject(readProject(...projects.development))
  const others = ['postgres', 'redis', 'whisper', 'prometheus', 'alertmanager', 'grafana', 'nginx']
  expect(Object.keys(services)).toEqual(expect.arrayContaining(['api', 'worker', 'poller', ...others]))
  expect(services['worker']?.deploy.replicas).toBe(2)
  const production = asProject(readProject(...projects.production)).services
  expect(production['nginx']?.image).toBe(services['nginx']?.image)
  const all = asProject(readProject(...projects['production with all'])).services
  for (const name of ['postgres', 'redis', 'prometheus', 'alertmanager', 'grafana'])
    expect([name, all[name]?.image]).toEqual([name, services[name]?.image])
})

test('Prometheus finds every process by the name of its service, knows where the runbooks are read, and keeps no more than the disk has room for', () => {
  const { services } = asProject(readProject(...projects['production with all']))
  const prometheus = readFileSync(at('../monitoring/prometheus/prometheus.yml'), 'utf8')
  for (const name of ['parley', 'second']) {
    expect(prometheus).toMatch(new RegExp(`names: \\[.*\\b${name}\\b`))
    expect(services[name]?.networks).toContain('default')
  }
  expect(prometheus).toContain('external_labels: { runbooks: "${RUNBOOKS}" }')
  expect(services['prometheus']?.environment).toEqual({ RUNBOOKS: '${RUNBOOKS:-}' })
  expect(services['prometheus']?.networks).toEqual(['default'])
  expect(services['prometheus']?.command.join(' ')).toMatch(/retention\.time=\d+d .*retention\.size=\dGB/)
})

test('Alertmanager finds its secrets where they are mounted', () => {
  const { services } = asProject(readProject(...projects['production with monitoring']))
  expect(services['alertmanager']?.volumes).toContain('./alertmanager:/etc/alertmanager:ro')
  const text = readFileSync(at('../monitoring/alertmanager/alertmanager.yml'), 'utf8')
  expect(text).toContain('smtp_auth_password_file: /etc/alertmanager/secrets/smtp-password')
})

test('an update replaces one process after the other', () => {
  const { services } = asProject(readProject(...projects['production with PostgreSQL']))
  expect(services['second']).toMatchObject({
    ports: ['127.0.0.1:8001:8000'],
    depends_on: { parley: { condition: 'service_healthy' } },
  })
})

test('what is mounted from the repository is there', () => {
  for (const [name, { volumes }] of Object.entries(asProject(readProject(...projects.development)).services))
    for (const mount of volumes) {
      const [source = ''] = mount.split(':')
      // They are written by what makes the dashboards, and checked there.
      if (!source.startsWith('.') || source.includes('/monitoring/')) continue
      expect([name, source, existsSync(join(dirname(at('development/compose.yaml')), source))]).toEqual([
        name,
        source,
        true,
      ])
    }
})

test('the example of .env has only names that exist, and no secret', () => {
  const text = readFileSync(at('production/example.env'), 'utf8')
  const all = parseEnv(text.replaceAll(/^#(?=[A-Z_]+=)/gm, ''))
  expect(Object.keys(all).length).toBeGreaterThan(5)
  const ofCompose = ['PARLEY_IMAGE', 'COMPOSE_FILE', 'BACKUPS', 'RUNBOOKS']
  for (const [name, value] of Object.entries(all)) {
    if (ofCompose.includes(name)) continue
    expect([name, knownNames.has(name)]).toEqual([name, true])
    if (name.endsWith('_FILE')) expect(value).toBe(`/run/secrets/parley/${name.slice(0, -'_FILE'.length)}`)
  }
})

/** A path in the project, and what is there instead (`undefined`: nothing). */
type Change = readonly [path: string, value: unknown]

function changed([path, value]: Change): Record<string, unknown> {
  const project = readProject(...projects['production with PostgreSQL'])
  const keys = path.split('/')
  const last = keys.pop() ?? ''
  const parent: object = keys.reduce((place: unknown, key) => Object(place)[key], project) as object
  if (value === undefined) Reflect.deleteProperty(parent, last)
  else Reflect.set(parent, last, value)
  return project
}

const faults: [what: string, change: Change, finding: RegExp][] = [
  ['latest', ['services/redis/image', 'redis:latest'], /redis runs redis:latest, which moves/],
  ['a tag that moves', ['services/redis/image', 'redis:7'], /which moves/],
  ['an image nobody set', ['services/parley/image', '${PARLEY_IMAGE}'], /without PARLEY_IMAGE set/],
  [
    'a variable that may be missing',
    ['services/parley/command', ['start', '$ROLE']],
    /variable ROLE may be missing/,
  ],
  ['no health check', ['services/postgres/healthcheck', undefined], /postgres has no health check/],
  [
    'a health check by curl',
    ['services/nginx/healthcheck/test', ['CMD', 'curl', '-f', 'x']],
    /asked by CMD curl/,
  ],
  [
    'a health check by a shell',
    ['services/redis/healthcheck/test', ['CMD-SHELL', 'curl x']],
    /asked by CMD-SHELL/,
  ],
  [
    'a health check of its own',
    ['services/parley/healthcheck', { disable: true }],
    /replaces the health check/,
  ],
  [
    'a dependency that is gone',
    ['services/second/depends_on/cache', { condition: 'service_healthy' }],
    /waits for cache/,
  ],
  [
    'a dependency not yet ready',
    ['services/nginx/depends_on/parley/condition', 'service_started'],
    /until parley is healthy/,
  ],
  [
    'no limit of memory',
    ['services/redis/deploy/resources/limits/memory', undefined],
    /redis has no limit of memory/,
  ],
  ['no limits', ['services/parley/deploy', undefined], /parley has no limit of cpus/],
  [
    'more processors than the smallest machine has',
    ['services/postgres/deploy/resources/limits/cpus', '1.5'],
    /postgres may use 1\.5 processors/,
  ],
  ['no restart', ['services/parley/restart', undefined], /parley stays down/],
  ['a restart forbidden', ['services/nginx/restart', 'no'], /nginx stays down/],
  ['a root to write', ['services/parley/read_only', undefined], /parley may write its root/],
  ['capabilities', ['services/parley/cap_drop', undefined], /parley keeps capabilities/],
  ['more capabilities', ['services/parley/cap_add', ['SYS_ADMIN']], /gets SYS_ADMIN/],
  ['more rights', ['services/redis/security_opt', undefined], /redis may gain rights/],
  ['privileged', ['services/parley/privileged', true], /is privileged/],
  ['root', ['services/redis/user', 'root'], /redis runs as root/],
  ['the network of the host', ['services/parley/network_mode', 'host'], /shares a network/],
  ['a log without end', ['services/nginx/logging', undefined], /fills the disk/],
  ['a port for the world', ['services/parley/ports', ['8000:8000']], /shows port 8000:8000 to the world/],
  [
    'the port of a database',
    ['services/postgres/ports', ['127.0.0.1:5432:5432']],
    /shows the database's port/,
  ],
  ['the engine', ['services/parley/volumes', ['/var/run/docker.sock:/s:ro']], /docker\.sock/],
  ['a folder to write', ['services/parley/volumes', ['./config:/config']], /may write \.\/config/],
  ['a volume that is none', ['services/parley/volumes', ['dta:/data']], /keeps its data in dta/],
  ['a secret that is gone', ['secrets', {}], /needs the secret postgres_password/],
  ['a network that is gone', ['networks', {}], /is in databases, which is no network/],
  [
    'a setting that is not there',
    ['services/parley/environment/DATABASE_POOLMAX', '3'],
    /DATABASE_POOLMAX, which is no setting/,
  ],
  ['a secret in the open', ['services/parley/environment/SECRET_KEY', 'x'], /secret SECRET_KEY in the open/],
  [
    'a password in the open',
    ['services/postgres/environment/POSTGRES_PASSWORD', 'x'],
    /POSTGRES_PASSWORD in the open/,
  ],
  [
    'a login in an address',
    ['services/parley/environment/OPENAI_BASE_URL', 'https://a:b@c.example'],
    /looks like a secret/,
  ],
  ['a secret from where none is', ['services/parley/environment/SECRET_KEY_FILE', '/etc/key'], /unreadable/],
  ['plain HTTP', ['services/parley/environment/TRUST_PROXY', 'false'], /plain HTTP/],
  ['a command that is not there', ['services/parley/command', ['serve']], /no command "serve"/],
  [
    'an option that is not there',
    ['services/parley/command', ['start', '--roll', 'api']],
    /no option --roll/,
  ],
  ['no poller', ['services', {}], /there are 0 pollers/],
  ['killed too soon', ['services/parley/stop_grace_period', undefined], /killed before it has finished/],
  [
    'a role without its database',
    ['services/backup/environment/DATABASE_URL_FILE', '/nowhere'],
    /backup: .*unreadable/,
  ],
]

describe('a seeded fault is caught:', () => {
  test.each(faults)('%s', async (_, change, finding) => {
    expect((await checkProject(changed(change))).join('\n')).toMatch(finding)
  })

  test('two pollers without what they agree by', async () => {
    const project = readProject(...projects.production)
    const services = Object(project['services'])
    services['other'] = services['parley']
    expect((await checkProject(project)).join()).toMatch(/there are 2 pollers/)
  })

  test.each([
    ['a field that is not there', ['services/parley/helthcheck', {}]],
    ['a field in the wrong place', ['services/parley/limits', {}]],
    ['a condition that is none', ['services/nginx/depends_on/parley/condition', 'healthy']],
    ['a part that is none', ['service', {}]],
  ] as [string, Change][])('%s', async (_, change) => {
    await expect(checkProject(changed(change))).rejects.toThrow(
      change[0].split('/').at(-1)?.slice(0, 6) ?? '',
    )
  })
})
