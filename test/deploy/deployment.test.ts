import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { asProject, readProject } from '../support/compose/compose.ts'

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
  program('docker', `case "$1" in create) echo id ;; cp) cp -r "${root}/\${2#id:/app/}" "$3" ;; esac`)
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
const mode = (path: string): number => statSync(join(place, path)).mode & 0o777

test('the first four steps make all that the containers are given', () => {
  const [first = '', ...others] = blocks(containers).slice(0, 4)
  type([first, ...others])
  expect(log()).toMatch(/docker create ghcr[^]*docker rm id[^]*docker compose up --detach --wait/)
  const { services } = asProject(readProject(join(place, 'compose.yaml')))
  const sources = Object.values(services).flatMap(({ volumes }) =>
    volumes.map((each) => each.split(':')[0] ?? ''),
  )
  const folders = sources.filter((each) => each.startsWith('.'))
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

test('PostgreSQL: what its file is given is there, and nginx asks both processes', () => {
  const [block = ''] = blocks(containers).slice(-1)
  type([block])
  const { secrets } = asProject(readProject(join(place, 'compose.yaml'), join(place, 'postgres.yaml')))
  for (const { file } of Object.values(secrets))
    expect([file, existsSync(join(place, file))]).toEqual([file, true])
  expect(readFileSync(join(place, '.env'), 'utf8')).toMatch(/^COMPOSE_FILE=compose\.yaml:postgres\.yaml$/m)
  const upstream = readFileSync(join(place, 'nginx/parley/upstream.conf'), 'utf8')
  expect(upstream.match(/^ {2}server 127\.0\.0\.1:800[01] .*;$/gm)).toHaveLength(2)
})

test('an update changes one line', () => {
  const update = blocks(containers).find((block) => block.includes("sed -i 's#^PARLEY_IMAGE")) ?? ''
  const before = readFileSync(join(place, '.env'), 'utf8')
  type([update])
  const after = readFileSync(join(place, '.env'), 'utf8')
  expect(after.split('\n').filter((line) => !before.includes(line))).toEqual([
    'PARLEY_IMAGE=ghcr.io/example/parley:0.2.0-1b2c3d4e5f6a',
  ])
})
