import { spawnSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { asProject, readProject } from '../support/compose/compose.ts'
import { findProgram } from '../support/run/next-release.ts'

const root = join(import.meta.dirname, '../..')
const guide = readFileSync(join(root, 'docs/guides/deployment.md'), 'utf8')
const [, containers = ''] = /^## With Docker Compose\n([^]*?)^## /m.exec(guide) ?? []
const blocks = (text: string): string[] =>
  [...text.matchAll(/^```sh\n# needs docker\n([^]*?)^```$/gm)].map(([, block = '']) => block)

let folder = ''
let place = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-guide-'))
  place = join(folder, 'opt/parley')
  mkdirSync(join(folder, 'bin'))
  // What is in the image is in the checkout; the rest is written down.
  program(
    'docker',
    `case "$*" in create*) echo id ;; cp*) cp -r "${root}/\${2#id:/app/}" "$3" ;; *migrate-data) ! [ -e "${folder}/filled" ] ;; esac`,
  )
  program('chown', '')
})
afterAll(() => rmSync(folder, { recursive: true }))

function program(name: string, body: string): void {
  const path = join(folder, 'bin', name)
  writeFileSync(path, `#!/bin/sh\necho "${name} $*" >>"${folder}/log"\n${body}\n`, { mode: 0o755 })
}

/** As an operator types them, one after the other in one terminal. */
function type(lines: readonly string[]): void {
  const PATH = [join(folder, 'bin'), process.env.PATH].join(delimiter)
  const script = lines.join('\n').replaceAll('/opt/parley', place)
  const { status, stderr } = spawnSync('bash', ['--norc', '-eu', '-c', script], {
    env: { PATH },
    encoding: 'utf8',
  })
  expect([status, status === 0 ? '' : stderr]).toEqual([0, ''])
}
const log = (): string => readFileSync(join(folder, 'log'), 'utf8')
/** The lines of the log that a block adds. */
function typed(block: string): string[] {
  const before = log().length
  type([block])
  return log().slice(before).trim().split('\n')
}
const blockWith = (text: string): string => blocks(containers).find((block) => block.includes(text)) ?? ''
/** All files there are to mount, but for volumes. */
function mounted(...files: string[]): string[] {
  const { services, secrets } = asProject(readProject(...files.map((name) => join(place, name))))
  const volumes = Object.values(services).flatMap((each) =>
    each.volumes.map((mount) => mount.split(':')[0] ?? ''),
  )
  return [
    ...volumes.filter((each) => each.startsWith('.')),
    ...Object.values(secrets).map(({ file }) => file),
  ]
}
const mode = (path: string): number => statSync(join(place, path)).mode & 0o777

test('the first four steps make all that the containers are given', () => {
  const [first = '', ...others] = blocks(containers).slice(0, 4)
  type([first, ...others])
  expect(log()).toMatch(/docker create ghcr[^]*docker rm id[^]*docker compose up --detach --wait/)
  const folders = mounted('compose.yaml')
  expect(folders).toContain('./nginx/nginx.conf')
  for (const source of folders) expect([source, existsSync(join(place, source))]).toEqual([source, true])
  expect([mode('secrets'), mode('secrets/SECRET_KEY')]).toEqual([0o700, 0o400])
  expect(readFileSync(join(place, '.env'), 'utf8')).toMatch(
    /^PARLEY_IMAGE=ghcr\.io\/example\/parley:0\.1\.0-0a1b2c3d4e5f$/m,
  )
  const env = {
    ENVIRONMENT: 'production',
    HOST: '0.0.0.0',
    TRUST_PROXY: 'true',
    DATA_DIR: join(folder, 'data'),
  }
  const files = {
    SECRET_KEY_FILE: join(place, 'secrets/SECRET_KEY'),
    PARLEY_CONFIG: join(place, 'config/parley.yaml'),
  }
  expect(loadConfig({ env: { ...env, ...files }, cwd: folder })).toMatchObject({
    config: { bot: { name: 'Example' } },
  })
})

test('PostgreSQL: what its file is given is there, nginx asks both processes, and what was said moves before anything starts', () => {
  const block = blockWith('postgres.yaml')
  const lines = typed(block)
  for (const file of mounted('compose.yaml', 'postgres.yaml'))
    expect([file, existsSync(join(place, file))]).toEqual([file, true])
  expect(readFileSync(join(place, '.env'), 'utf8')).toMatch(/^COMPOSE_FILE=compose\.yaml:postgres\.yaml$/m)
  const upstream = ['upstream.conf', 'local/upstream.conf'].map((name) =>
    readFileSync(join(place, 'nginx/parley', name), 'utf8'),
  )
  expect(upstream.join('').match(/^ *server 127\.0\.0\.1:800[01] max_fails=0;$/gm)).toHaveLength(2)
  const start = 'docker compose up --detach --wait'
  expect(lines.filter((line) => line.startsWith('docker'))).toEqual([
    'docker compose stop parley',
    `${start} postgres redis`,
    'docker compose run --rm -T parley migrate-data',
    start,
    'docker compose exec -T nginx nginx -s reload',
    'docker compose run --rm -T backup',
  ])
  // Compose looks for what COMPOSE_FILE names where it is run, whatever --project-directory says; certbot runs it elsewhere.
  expect(containers).toMatch(/deploy-hook [^`]*env --chdir=\/opt\/parley docker compose exec/)
  // With a database that has something already nothing starts.
  writeFileSync(join(folder, 'filled'), '')
  const refused = typed(`${block.slice(block.indexOf('docker compose stop'))}\ntrue`)
  expect(refused.at(-1)).toMatch(/migrate-data$/)
})

/** Beside a server of Debian's package stands its tool. */
function check(server: string, tool: string, ...args: string[]) {
  const path = findProgram(server, server === 'prometheus' ? 'PROMETHEUS_PATH' : 'ALERTMANAGER_PATH') ?? ''
  return spawnSync(join(dirname(path), tool), args, { encoding: 'utf8' }).status
}

test('monitoring: what its file is given is there, valid, and read by the users of the images alone', () => {
  const lines = typed(blockWith('monitoring.yaml'))
  expect(readFileSync(join(place, '.env'), 'utf8')).toMatch(
    /^COMPOSE_FILE=compose\.yaml:postgres\.yaml:monitoring\.yaml$/m,
  )
  for (const file of mounted('compose.yaml', 'postgres.yaml', 'monitoring.yaml'))
    expect([file, existsSync(join(place, file))]).toEqual([file, true])
  const config = readFileSync(join(place, 'alertmanager/alertmanager.yml'), 'utf8')
  const secrets = [...config.matchAll(/_file: (?:\/etc\/alertmanager\/)?(secrets\/\S+)/g)].map(
    ([, path = '']) => `alertmanager/${path}`,
  )
  expect(secrets).toHaveLength(2)
  for (const path of [...secrets, 'secrets/grafana_password'])
    expect([path, mode(path)]).toEqual([path, 0o400])
  expect(lines).toEqual(['chown -R 65534 alertmanager/secrets', 'chown 472 secrets/grafana_password'])
  expect(
    check('prometheus', 'promtool', 'check', 'config', join(place, 'monitoring/prometheus/prometheus.yml')),
  ).toBe(0)
  expect(
    check('prometheus-alertmanager', 'amtool', 'check-config', join(place, 'alertmanager/alertmanager.yml')),
  ).toBe(0)
  expect(typed(blockWith('amtool')).join('\n')).toMatch(
    /check-config .*\n.* up --detach --wait\n.* kill --signal HUP/,
  )
})

test('an update changes one line', () => {
  const update = blockWith("sed -i 's#^PARLEY_IMAGE")
  const before = readFileSync(join(place, '.env'), 'utf8')
  type([update])
  const after = readFileSync(join(place, '.env'), 'utf8')
  expect(after.split('\n').filter((line) => !before.includes(line))).toEqual([
    'PARLEY_IMAGE=ghcr.io/example/parley:0.2.0-1b2c3d4e5f6a',
  ])
})

test('new files of a version replace those of the old, leave what is yours, and are tried before they are used', () => {
  const own = ['.env', 'config/parley.yaml', 'secrets/SECRET_KEY', 'nginx/parley/local/upstream.conf']
  const yours = [...own, 'alertmanager/alertmanager.yml'].map((path) => join(place, path))
  const ours = [
    'compose.yaml',
    'nginx/nginx.conf',
    'nginx/parley/limits.conf',
    'monitoring/prometheus/rules/parley.yml',
  ]
  for (const path of yours) chmodSync(path, 0o600)
  for (const path of yours) appendFileSync(path, '# mine\n')
  for (const path of ours) writeFileSync(join(place, path), 'of before')
  const lines = typed(blockWith('--force-recreate nginx'))
  for (const path of yours)
    expect([path, readFileSync(path, 'utf8')]).toEqual([path, expect.stringMatching(/# mine\n$/)])
  for (const path of ours) expect(readFileSync(join(place, path), 'utf8')).not.toContain('of before')
  expect(lines[0]).toBe('docker create ghcr.io/example/parley:0.2.0-1b2c3d4e5f6a')
  expect(lines.slice(-3)).toEqual([
    'docker compose run --rm -T --no-deps nginx nginx -t',
    'docker compose up --detach --wait',
    'docker compose up --detach --wait --no-deps --force-recreate nginx',
  ])
})
