import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  appendFileSync,
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readImage } from '../../deploy/steps/image.ts'
import { loadConfig } from '../../src/config/load.ts'
import { readVersion } from '../../src/ops/version.ts'
import { blocksOf, deploying, operating } from '../support/blocks.ts'
import { asProject, readProject } from '../support/compose/compose.ts'
import { createTestDatabase, psqlEnvironment, type TestDatabase } from '../support/databases.ts'
import { findProgram } from '../support/run/next-release.ts'

const root = join(import.meta.dirname, '../..')
const guide = readFileSync(join(root, 'docs/guides/deployment.md'), 'utf8')
const section = (heading: string): string =>
  new RegExp(`^## ${heading}\\n([^]*?)^## `, 'm').exec(guide)?.[1] ?? ''
const containers = section('With Docker Compose')
const host = section('Without containers')
const all = blocksOf('docs/guides/deployment.md')
const blocks = (text: string, ...needs: string[]): string[] =>
  all
    .filter((block) => text.includes(block.text) && needs.includes(block.needs ?? ''))
    .map((block) => block.text)

/** A user and a database in the tests' PostgreSQL, which others use too, as guides call them `parley`. */
const owner = `parley_${randomBytes(4).toString('hex')}`
let folder = ''
let place = ''
let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
  folder = mkdtempSync(join(tmpdir(), 'parley-guide-'))
  place = join(folder, 'opt/parley')
  mkdirSync(join(folder, 'bin'))
  // What is in the image is in the checkout, and PostgreSQL brings a second process; the rest is written down.
  program(
    'docker',
    `case "$*" in
      create*) ! [ -e "${folder}/gone" ] && echo id ;;
      *'config --services') [ -e "${folder}/alone" ] || echo second; printf '%s\\n' nginx parley ;;
      cp*) ! [ -e "${folder}/full" ] && cp -r "${root}/\${2#id:/app/}" "$3" ;;
      *migrate-data) ! [ -e "${folder}/filled" ] ;;
      *'migrate up'*) echo "by $PARLEY_IMAGE" >>"${folder}/log" && ! [ -e "${folder}/unmigrated" ] ;;
      *'parley version')
        image=\${PARLEY_IMAGE:-$(sed -n 's/^PARLEY_IMAGE=//p' .env)}
        case $image in *:latest) image=of-0a1b2c3d4e5f ;; esac
        [ ! -e "${folder}/moved" ] || image=of-3c4d5e6f7a8b
        ! [ -e "${folder}/missing" ] && printf 'Parley 0.1.0\\n  commit  %s\\n' "\${image##*-}7b8c" ;;
      *'run --rm -T backup') ! [ -e "${folder}/refused" ] ;;
      *'--entrypoint test parley -e'*) shift 8 && test "$@" ;;
      *'--entrypoint sh parley -c'*) ! [ -e "${folder}/unasked" ] && shift 9 && sh -c "$1" ;;
      'compose up --detach --wait') if grep -q '^COMPOSE_FILE=.*postgres' .env; then ! [ -e "${folder}/stuck" ]; fi ;;
    esac`,
  )
  // A process, and a backup, is of the code there is with the packages that were made ready last.
  program(
    'systemctl',
    `case "$*" in
      'enable --now parley parley@8001') ! [ -e "${folder}/stuck" ] ;;
      'start parley-backup') ! [ -e "${folder}/refused" ] && cmp -s "${folder}/code" "${folder}/packages" ;;
      'restart parley') cp "${folder}/code" "${folder}/running" ;;
    esac`,
  )
  program(
    'git',
    `case "$*" in
      checkout*) echo "$3" >"${folder}/code" ;;
      'rev-parse --short=12 HEAD') echo 1b2c3d4e5f6a ;;
      'rev-parse HEAD') echo 1b2c3d4e5f6a7b8c9d0e1b2c3d4e5f6a7b8c9d0e ;;
    esac`,
  )
  program(
    'npm',
    `umask >>"${folder}/log"
    ! grep -qs v0.2.0 "${folder}/code" || ! [ -e "${folder}/away" ] && cp "${folder}/code" "${folder}/packages"`,
  )
  program('systemd-run', `case "$*" in *migrate-data) ! [ -e "${folder}/filled" ] ;; esac`)
  // PostgreSQL on that machine is the tests' own; what it does it logs on standard error.
  const postgres = psqlEnvironment(database.url)
  const { PGHOST, PGPORT } = postgres
  program(
    'psql',
    `url=$(echo "$1" | sed 's#parley@127.0.0.1/parley#${owner}@${PGHOST}:${PGPORT}/${owner}#')
    shift && PATH="${process.env.PATH}" && exec psql "$url" "$@"`,
  )
  const telling = { PGOPTIONS: '-c log_statement=all -c client_min_messages=log' }
  const administrator = Object.entries({ ...postgres, ...telling, PATH: process.env.PATH })
  program(
    'sudo',
    `case "$*" in '-u postgres psql '*)
    export ${administrator.map(([name, value]) => `${name}='${value}'`).join(' ')}
    shift 3 && sed 's/\\bparley\\b/${owner}/g' | psql "$@" 2>>"${folder}/postgres.log" ;;
  esac`,
  )
  writeFileSync(join(folder, 'log'), '')
  writeFileSync(join(folder, 'code'), 'v0.1.0\n')
  mkdirSync(join(folder, 'data'))
  program('useradd', `touch "${folder}/user"`)
  program('getent', `[ -e "${folder}/user" ]`)
  program('install', 'for each; do case $each in */*) mkdir -p "$each" ;; esac; done')
  for (const name of ['chown', 'chgrp', 'apt-get', 'nginx']) program(name, '')
  program('curl', `if [ -e "${folder}/postgres" ]; then echo '{"database":{"kind":"postgres"}}'; fi`)
  // It asks what to do with a certificate that is good for long.
  program(
    'certbot',
    `case "$*" in
      *--keep-until-expiring*) ! read -r answer ;;
      certonly*) [ ! -e "${folder}/certificate" ] && ! read -r answer ;;
    esac && touch "${folder}/certificate"`,
  )
}, 60_000)
afterAll(async () => {
  await forget()
  await database.drop()
  rmSync(folder, { recursive: true })
})

function program(name: string, body: string): void {
  const path = join(folder, 'bin', name)
  writeFileSync(path, `#!/bin/sh\necho "${name} $*" >>"${folder}/log"\n${body}\n`, { mode: 0o755 })
}

async function query(url: string, statement: string): Promise<object[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<object>(statement)).rows
  } finally {
    await client.end()
  }
}
async function forget(): Promise<void> {
  await query(database.url, `drop database if exists ${owner} with (force)`)
  await query(database.url, `drop role if exists ${owner}`)
}

/** The user and the database that a guide made are right, and nobody was told the password in the address that it gives. */
async function expectMade(address: string): Promise<void> {
  const { username, password, pathname } = new URL(address)
  expect([username, pathname]).toEqual(['parley', '/parley'])
  const url = new URL(database.url)
  const theirs = Object.assign(url, { username: owner, password, pathname: owner }).href
  const asked = `select rolcreatedb, rolsuper, datdba = pg_roles.oid as owns, pg_encoding_to_char(encoding) as encoding
    from pg_roles, pg_database where rolname = current_user and datname = current_database()`
  expect(await query(theirs, asked)).toEqual([
    { rolcreatedb: true, rolsuper: false, owns: true, encoding: 'UTF8' },
  ])
  const told = readFileSync(join(folder, 'postgres.log'), 'utf8')
  expect(told).toContain('statement: set log_statement')
  expect(`${told}${log()}`).not.toContain(password)
}

/** As an operator types them, one after the other in one terminal, which gives others no rights, on a machine of its own. */
function enter(lines: readonly string[], machine: string, ...flags: string[]) {
  const PATH = [join(folder, 'bin'), process.env.PATH].join(delimiter)
  const text = lines.join('\n').replaceAll(/\/(?=(?:opt|etc|var|data|usr\/local)\/)/g, `${machine}/`)
  const script = `umask 077\n${text}`
  // Behind a block more may be pasted already, which no program of it is to take for an answer.
  return spawnSync('bash', ['--norc', ...flags, '-c', script], {
    env: { PATH },
    encoding: 'utf8',
    input: 'pasted\n',
  })
}
/** Where nothing may fail. */
function type(lines: readonly string[], machine = folder): void {
  const { status, stderr } = enter(lines, machine, '-eu')
  expect([status, status === 0 ? '' : stderr]).toEqual([0, ''])
}
const status = 'curl -fs http://127.0.0.1:8000/api/status'
const log = (): string => readFileSync(join(folder, 'log'), 'utf8')
/** The lines of the log that something adds. */
function logged(act: () => unknown): string[] {
  const before = log().length
  act()
  return log().slice(before).trim().split('\n')
}
const typed = (typing: string | readonly string[], machine = folder): string[] =>
  logged(() => type([typing].flat(), machine))
/** A block in which something fails while these files are there. A terminal goes on after that: the block itself has to end. */
function typedInTrouble(block: string, trouble: readonly string[], machine = folder): string[] {
  for (const name of trouble) writeFileSync(join(folder, name), '')
  try {
    return logged(() => enter([block], machine))
  } finally {
    for (const name of trouble) rmSync(join(folder, name))
  }
}
const blockWith = (text: string): string =>
  blocks(containers, 'docker').find((block) => block.includes(text)) ?? ''
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

test('an image that is built here has a tag of its own commit', () => {
  const [build = ''] = all.filter(({ text }) => text.includes('docker build')).map(({ text }) => text)
  const built = typed(build).find((line) => line.startsWith('docker build')) ?? ''
  const image = readImage(/ -t (\S+)/.exec(built)?.[1] ?? '')
  expect(image).toMatchObject({ version: readVersion().version, commit: '1b2c3d4e5f6a' })
  expect(built).toContain(`--build-arg COMMIT=${image.commit}7b8c`)
  expect(enter([build], folder).stdout.trim()).toBe(image.reference)
})

test('the first four steps make all that the containers are given', () => {
  const [first = '', ...others] = blocks(containers, 'docker').slice(0, 4)
  type([first, ...others])
  expect(log()).toMatch(/docker create ghcr[^]*docker rm --volumes id[^]*docker compose up --detach --wait/)
  const folders = mounted('compose.yaml')
  expect(folders).toContain('./nginx/nginx.conf')
  for (const source of folders) expect([source, existsSync(join(place, source))]).toEqual([source, true])
  expect([mode('secrets'), mode('secrets/SECRET_KEY'), mode('config/parley.yaml')]).toEqual([
    0o700, 0o400, 0o644,
  ])
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
  const old = join(folder, 'data/parley.db')
  const moved = 'docker compose run --rm -T parley migrate-data'
  const doctor = 'docker compose exec -T parley parley doctor'
  const within = (command: string) => expect.stringContaining(`--entrypoint sh parley -c ${command}`)
  writeFileSync(old, '')
  // Where nobody can tell whether there is a file nothing stops, and nothing starts.
  expect(typedInTrouble(block, ['unasked']).filter((line) => / (up|stop) /.test(line))).toEqual([])
  // With a database that has something already nothing starts, and the file stays.
  expect(typedInTrouble(block, ['filled']).slice(-2)).toEqual([moved, doctor])
  expect(existsSync(old)).toBe(true)
  // Until it is put away there is a way back, twice as well, and then the move once more.
  const [back = ''] = blocks(containers, 'docker').filter((each) => each.includes('NOT BACK'))
  const env = (): string => readFileSync(join(place, '.env'), 'utf8')
  const looks = expect.stringContaining('--entrypoint test parley -e ')
  // Nobody goes back from a bot that runs on PostgreSQL: the file lacks what was written since.
  expect(typedInTrouble(back, ['postgres'])).toEqual([looks, status, doctor])
  for (const turn of [1, 2]) {
    expect([turn, ...typed(back)]).toEqual([
      turn,
      looks,
      status,
      'docker compose up --detach --wait --remove-orphans',
      'docker compose exec -T nginx nginx -s reload',
      doctor,
    ])
    expect(env()).toMatch(/^COMPOSE_FILE=compose\.yaml$/m)
    expect(readFileSync(join(place, 'nginx/parley/local/upstream.conf'), 'utf8')).toBe('')
  }
  // Where no line names the files, none can be added to it, and nothing stops.
  const whole = env()
  writeFileSync(join(place, '.env'), whole.replace(/^COMPOSE_FILE=.*\n/m, ''))
  const unnamed = () => expect(enter([block], folder).stdout).toContain('COMPOSE_FILE=compose.yaml')
  expect(logged(unnamed).filter((line) => line.startsWith('docker'))).toEqual([doctor])
  writeFileSync(join(place, '.env'), whole)
  const lines = typed(block)
  for (const file of mounted('compose.yaml', 'postgres.yaml'))
    expect([file, existsSync(join(place, file))]).toEqual([file, true])
  expect(readFileSync(join(place, '.env'), 'utf8')).toMatch(/^COMPOSE_FILE=compose\.yaml:postgres\.yaml$/m)
  const upstream = ['upstream.conf', 'local/upstream.conf'].map((name) =>
    readFileSync(join(place, 'nginx/parley', name), 'utf8'),
  )
  expect(upstream.join('').match(/^ *server 127\.0\.0\.1:800[01] max_fails=0;$/gm)).toHaveLength(2)
  const start = 'docker compose up --detach --wait'
  const asked = within('[ ! -e ')
  const after = [
    start,
    'docker compose exec -T nginx nginx -s reload',
    'docker compose run --rm -T backup',
    doctor,
  ]
  expect(lines.filter((line) => line.startsWith('docker'))).toEqual([
    asked,
    `${start} postgres redis`,
    'docker compose stop parley second',
    moved,
    within('mv '),
    ...after,
  ])
  expect(readdirSync(join(folder, 'data'))).toEqual(['parley.db.before-postgresql'])
  // What is put away is no way back any more.
  const settings = env()
  expect([typed(back), env()]).toEqual([[looks, doctor], settings])
  // What does not start at once keeps nothing back that comes after it: the block is run again.
  expect(typedInTrouble(block, ['stuck']).slice(-2)).toEqual([start, doctor])
  expect(typed(block).filter((line) => line.startsWith('docker'))).toEqual([asked, ...after])
  // Whatever runs by then, a file that has not moved is not put away: it moves first.
  writeFileSync(old, '')
  expect(typedInTrouble(block, ['filled'])).not.toContain(start)
  expect(existsSync(old)).toBe(true)
  rmSync(old)
  // Compose looks for what COMPOSE_FILE names where it is run, whatever --project-directory says; certbot runs it elsewhere.
  expect(containers).toMatch(/deploy-hook [^`]*env --chdir=\/opt\/parley docker compose exec/)
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
    /check-config .*\n.* --wait parley\n.* --services\n.* --wait second\n.* --wait\n.* kill --signal HUP/,
  )
})

const updates = blocks(containers, 'docker').filter((block) => block.includes('sed -i "s#^PARLEY_IMAGE'))

test('an update changes one line after a backup and the schema, and nothing without them; the way back asks for none', () => {
  const [update = '', contracting = '', back = ''] = updates
  const read = (): string => readFileSync(join(place, '.env'), 'utf8')
  const before = read()
  const image = 'ghcr.io/example/parley:0.2.0-1b2c3d4e5f6a'
  const backup = 'docker compose run --rm -T backup'
  const schema = ['docker compose run --rm -T parley migrate up --expanding', `by ${image}`]
  const tried = 'docker compose run --rm -T --no-deps parley version'
  for (const block of [update, contracting]) {
    expect(typedInTrouble(block, ['refused'])).toEqual([tried, backup])
    expect(typedInTrouble(block, ['unmigrated'])).toEqual([tried, backup, ...schema])
  }
  expect(read()).toBe(before)
  // Both processes, one after the other, there and back.
  const up = 'docker compose up --detach --wait'
  const services = 'docker compose config --services'
  const version = 'docker compose exec -T parley parley version'
  expect(typed(update)).toEqual([tried, backup, ...schema, `${up} parley`, services, `${up} second`, version])
  const after = read()
  expect(after.split('\n').filter((line) => !before.includes(line))).toEqual([`PARLEY_IMAGE=${image}`])
  // An image that is not there is not set.
  expect(typedInTrouble(back, ['missing'])).toEqual([tried])
  expect(read()).toBe(after)
  expect(typedInTrouble(back, ['refused'])).toEqual([
    tried,
    `${up} parley`,
    services,
    `${up} second`,
    version,
  ])
  expect(read()).toBe(before)
  for (const block of [back, update])
    expect(typedInTrouble(block, ['alone']).slice(-3)).toEqual([`${up} parley`, services, version])
  expect(read()).toBe(after)
  // Where the new schema is nothing for the old version, none of it works on it.
  type([back])
  expect(typed(contracting).slice(2)).toEqual([
    ...schema,
    services,
    'docker compose stop second parley',
    'docker compose run --rm -T parley migrate up',
    `by ${image}`,
    `${up} parley`,
    services,
    `${up} second`,
    version,
  ])
  expect(read()).toBe(after)
})

test('an image of another commit than its tag names is not set by hand, and is told where it runs', () => {
  const [update = '', contracting = '', back = ''] = updates
  const read = (): string => readFileSync(join(place, '.env'), 'utf8')
  const before = read()
  const tried = 'docker compose run --rm -T --no-deps parley version'
  const refuses = (block: string, told: string) => () =>
    expect(enter([block], folder)).toMatchObject({ status: 1, stdout: expect.stringContaining(told) })
  for (const block of [update, contracting]) {
    const latest = block.replace(/^(IMAGE=.*):.*$/m, '$1:latest')
    expect(logged(refuses(latest, 'NOT ghcr.io/example/parley:latest'))).toEqual([tried])
    expect(typedInTrouble(block, ['moved'])).toEqual([tried])
  }
  expect(read()).toBe(before)
  // The way back is not refused, and tells it, as does an update where something else decides what runs.
  writeFileSync(join(folder, 'moved'), '')
  expect(logged(refuses(back, 'NOT ghcr.io/example/parley:0.1.0-0a1b2c3d4e5f')).at(-1)).toMatch(
    /parley version$/,
  )
  rmSync(join(folder, 'moved'))
  refuses(`export PARLEY_IMAGE=ghcr.io/example/parley:0.1.0-0a1b2c3d4e5f\n${update}`, 'NOT ghcr')()
  expect(read()).toBe(before)
})

test('what brings a backup back, or contracts the schema, stops every process there is', () => {
  const restores = [...all, ...blocksOf('docs/runbooks/backup-and-restore.md')].filter(({ text }) =>
    text.includes('docker compose stop'),
  )
  const those = restores.filter(({ text }) => /restore|migrate up </.test(text))
  expect(those).toHaveLength(3)
  for (const { text } of those) {
    const stops = (...trouble: string[]) =>
      typedInTrouble(`cd ${place}\n${text}`, trouble).filter((line) => line.includes(' stop '))
    expect(stops()).toEqual(['docker compose stop second parley'])
    expect(stops('alone')).toEqual(['docker compose stop parley'])
  }
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
  const block = blockWith('--force-recreate nginx')
  const created = 'docker create ghcr.io/example/parley:0.2.0-1b2c3d4e5f6a'
  // Without the image, or without room for its files, nothing is made anew from what is there.
  expect(typedInTrouble(block, ['gone'])).toEqual([created])
  expect(typedInTrouble(block, ['full'])).toEqual([created, expect.stringMatching(/^docker cp /)])
  const lines = typed(block)
  for (const path of yours)
    expect([path, readFileSync(path, 'utf8')]).toEqual([path, expect.stringMatching(/# mine\n$/)])
  for (const path of ours) expect(readFileSync(join(place, path), 'utf8')).not.toContain('of before')
  expect(lines[0]).toBe(created)
  const up = 'docker compose up --detach --wait'
  expect(lines.slice(-6)).toEqual([
    'docker compose run --rm -T --no-deps nginx nginx -t',
    `${up} parley`,
    'docker compose config --services',
    `${up} second`,
    `${up} --force-recreate nginx`,
    up,
  ])
})

/** Writes into every file that is the operator's, and tells what is in each. */
function makeMine(...places: string[]): () => string[][] {
  const files = places.flatMap((path) =>
    lstatSync(path).isDirectory()
      ? readdirSync(path, { recursive: true, encoding: 'utf8' }).map((name) => join(path, name))
      : [path],
  )
  const mine = files.filter((path) => statSync(path).isFile())
  for (const path of mine) {
    chmodSync(path, 0o600)
    // An address has no comments.
    if (!path.endsWith('/DATABASE_URL')) appendFileSync(path, '# mine\n')
  }
  return () => mine.map((path) => [path, readFileSync(path, 'utf8')])
}
/** What brings a backup back, or contracts the schema, is no step of an installation. */
const steps = (text: string): string[] =>
  blocks(text, 'docker', 'systemd', 'a host').filter((block) => !/restore --force|migrate up </.test(block))

test('with containers every block may be run again: what is yours stays, and nothing stops', () => {
  mkdirSync(join(folder, 'etc/systemd/system'), { recursive: true })
  type(steps(containers))
  const yours = ['.env', 'config', 'secrets', 'tls', 'nginx/parley/local', 'alertmanager']
  const read = makeMine(join(folder, 'etc/systemd/system'), ...yours.map((path) => join(place, path)))
  const before = read()
  expect(before.length).toBeGreaterThanOrEqual(14)
  const lines = typed(steps(containers))
  expect(read()).toEqual(before)
  // Each secret is read by somebody else.
  expect(lines.filter((line) => line.startsWith('chown'))).toEqual([
    'chown 1000:1000 secrets secrets/SECRET_KEY',
    'chown 1000:1000 secrets/DATABASE_URL secrets/REDIS_URL',
    'chown 999 secrets/postgres_password',
    'chown -R 65534 alertmanager/secrets',
    'chown 472 secrets/grafana_password',
  ])
  expect(lines.filter((line) => /migrate-data| stop /.test(line))).toEqual([])
  // The place of backups is known to what runs before the first one is there.
  const backup = lines.indexOf('systemctl start parley-backup.service')
  expect(lines.slice(backup - 5, backup)).toEqual([
    'docker compose up --detach --wait parley',
    'docker compose config --services',
    'docker compose up --detach --wait second',
    'systemctl daemon-reload',
    'systemctl enable --now parley-backup.timer',
  ])
})

const telling = [...blocks(containers, 'docker'), ...blocks(host, 'systemd')].filter((block) =>
  block.includes('went=$?'),
)

test.each(telling)(
  'what did not succeed says so in its last line, whatever doctor says before: block %#',
  (block) => {
    const broken = ['docker', 'systemctl', 'git'].map((name) => `${name}() { false; }`)
    const { stdout } = enter([...broken, block], folder)
    expect(stdout.trim().split('\n').at(-1)).toMatch(/^NOT [A-Z]+: mend what stands before doctor/)
  },
)

test('what no backup has is named where each kind of host is set up', () => {
  for (const [text, ...names] of [
    [containers, '.env', 'secrets', 'alertmanager', 'nginx/parley/local'],
    [host, '/etc/parley', '/etc/nginx/parley/local', '/etc/prometheus', '/etc/systemd/system/parley*.d'],
  ] as const)
    for (const name of names)
      expect(/Keep elsewhere as well[^]*?\.\n/.exec(text)?.[0]).toContain(`\`${name}\``)
})

describe('without containers', () => {
  let machine = ''
  const at = (path: string): string => join(machine, path)
  beforeAll(() => {
    machine = join(folder, 'machine')
    for (const path of ['opt/parley', 'etc/systemd/system', 'etc/nginx', 'usr/local/bin'])
      mkdirSync(at(path), { recursive: true })
    for (const path of ['deploy', 'package.json']) symlinkSync(join(root, path), at(`opt/parley/${path}`))
  })

  test('a backup can be brought back before the first start: until then nothing runs, and no parley.yaml is in its way', () => {
    const before = steps(host).findIndex((block) => block.includes('enable --now parley.service'))
    const lines = typed(steps(host).slice(0, before), machine)
    expect(lines.filter((line) => line.startsWith('systemctl'))).toEqual(['systemctl daemon-reload'])
    expect(readdirSync(at('etc/parley'))).toEqual(['secrets'])
    expect(existsSync(at('usr/local/bin/parley'))).toBe(true)
  })

  const old = 'var/lib/parley/parley.db'
  const address = 'etc/parley/secrets/DATABASE_URL'
  const readAddress = (): string => readFileSync(at(address), 'utf8')

  test('PostgreSQL makes what the block asks for, once more where the address was lost', async () => {
    const [block = ''] = blocks(host, 'systemd').filter((each) => each.includes('create database'))
    type([block], machine)
    const first = readAddress()
    await expectMade(first)
    expect(statSync(at(address)).mode & 0o777).toBe(0o640)
    rmSync(at(address))
    type([block], machine)
    expect(readAddress()).not.toBe(first)
    await expectMade(readAddress())
  })

  test('with an address that is wrong nothing stops', () => {
    mkdirSync(at('var/lib/parley'), { recursive: true })
    writeFileSync(at(old), '')
    const right = readAddress()
    const [block = ''] = blocks(host, 'systemd').filter((each) => each.includes('migrate-data'))
    for (const wrong of [right.replace(/:\w+@/, ':wrong@'), right.replace('@127.0.0.1/', '@127.0.0.1:9/')]) {
      writeFileSync(at(address), wrong)
      const lines = logged(() => enter([block], machine))
      expect(lines.filter((line) => line.startsWith('systemctl'))).toEqual([])
      expect(existsSync(at('etc/parley/env'))).toBe(false)
    }
    writeFileSync(at(address), right)
  })

  test('with a database that has something already nothing starts, and the file stays', async () => {
    const password = "of:yours/with@what%an address'has"
    await query(database.url, `alter role ${owner} password ${pg.escapeLiteral(password)}`)
    writeFileSync(at(address), `postgres://parley:${encodeURIComponent(password)}@127.0.0.1/parley\n`)
    const [block = ''] = blocks(host, 'systemd').filter((each) => each.includes('migrate-data'))
    const lines = typedInTrouble(block, ['filled'], machine)
    expect(lines).toContain('psql postgres://parley@127.0.0.1/parley -Atc select 1')
    expect(lines.filter((line) => /migrate-data$|^systemctl (?!reload)/.test(line))).toEqual([
      'systemctl disable --now parley parley@8001',
      expect.stringMatching(/migrate-data$/),
    ])
    expect(existsSync(at(old))).toBe(true)
  })

  const [toFile = ''] = blocks(host, 'systemd').filter((each) => each.includes('a bot on PostgreSQL'))

  test('until the file is put away there is a way back, twice as well, and then the move once more', () => {
    const env = readFileSync(at('etc/parley/env'), 'utf8')
    const local = at('etc/nginx/parley/local')
    mkdirSync(local, { recursive: true })
    writeFileSync(join(local, 'upstream.conf'), 'server 127.0.0.1:8001 max_fails=0;\nserver 10.0.0.2:8000;\n')
    expect(typedInTrouble(toFile, ['postgres'], machine)).toEqual([
      status,
      expect.stringMatching(/parley\.mjs doctor$/),
    ])
    for (const turn of [1, 2]) {
      expect([turn, ...typed(toFile, machine)]).toEqual([
        turn,
        status,
        'systemctl disable --now parley parley@8001',
        'systemctl enable --now parley',
        expect.stringMatching(/^curl .*\/readyz$/),
        'nginx -t',
        'systemctl reload nginx',
        expect.stringMatching(/parley\.mjs doctor$/),
      ])
      expect(readFileSync(at('etc/parley/env'), 'utf8')).toBe(env.replaceAll(/^(?=DATABASE|REDIS)/gm, '#'))
      expect(readFileSync(join(local, 'upstream.conf'), 'utf8')).toBe('server 10.0.0.2:8000;\n')
    }
    rmSync(join(local, 'upstream.conf'))
    const [block = ''] = blocks(host, 'systemd').filter((each) => each.includes('migrate-data'))
    expect(typedInTrouble(block, ['filled'], machine)).toContain('systemctl disable --now parley parley@8001')
    expect(readFileSync(at('etc/parley/env'), 'utf8')).toMatch(/^DATABASE_URL_FILE=.*\nREDIS_URL=.*$/m)
  })

  test('what was said moves before a second process starts, and everybody may read the code', () => {
    // A last line without its end, as editors leave it.
    rmSync(at('etc/parley/env'))
    writeFileSync(at('etc/parley/env'), 'LLM_DAILY_BUDGET_USD=10')
    const lines = typed(steps(host), machine)
    expect(readdirSync(at('var/lib/parley'))).toEqual(['parley.db.before-postgresql'])
    // What is put away is no way back any more.
    expect(typed(toFile, machine)).toEqual([expect.stringMatching(/parley\.mjs doctor$/)])
    const moving = lines.findIndex((line) => line.endsWith('parley.mjs migrate-data'))
    expect(lines.slice(moving - 1, moving + 7)).toEqual([
      'systemctl disable --now parley parley@8001',
      expect.stringMatching(/^systemd-run /),
      'systemctl enable --now parley parley@8001',
      expect.stringMatching(/^curl .*\/readyz$/),
      'nginx -t',
      'systemctl reload nginx',
      'systemctl start parley-backup',
      expect.stringMatching(/parley\.mjs doctor$/),
    ])
    expect(lines.join('\n').match(/^npm run -s ready\n0022$/gm)).toHaveLength(3)
    expect(readFileSync(at('etc/parley/env'), 'utf8')).toBe(
      `LLM_DAILY_BUDGET_USD=10\nDATABASE_URL_FILE=${at(address)}\nREDIS_URL=redis://127.0.0.1:6379\n`,
    )
    expect(lstatSync(at('etc/systemd/system/parley@.service')).isFile()).toBe(true)
    // What does not start at once keeps nothing back that comes after it: the block is run again.
    const [block = ''] = blocks(host, 'systemd').filter((each) => each.includes('migrate-data'))
    expect(typedInTrouble(block, ['stuck'], machine)).not.toContain('systemctl start parley-backup')
    expect(typed(block, machine)).toContain('systemctl start parley-backup')
    expect(readdirSync(at('var/lib/parley'))).toEqual(['parley.db.before-postgresql'])
  })

  test('every block may be run again: what is yours stays, and nothing stops', () => {
    const read = makeMine(at('etc/parley'), at('etc/nginx/parley/local'), at('etc/nginx/tls'))
    const before = read()
    expect(before.length).toBeGreaterThanOrEqual(7)
    const lines = typed(steps(host), machine)
    expect(read()).toEqual(before)
    expect(
      lines.filter((line) => /migrate-data|systemctl (?:stop|disable)|useradd|git clone/.test(line)),
    ).toEqual([])
  })

  test('a machine that is gone: its secrets came back, also those of a rotated user, and the database is made for a restore', async () => {
    const [anew] = blocksOf('docs/guides/backups.md').filter(({ text }) => text.includes('rm -f'))
    const [makes = ''] = blocks(host, 'systemd').filter((each) => each.includes('create database'))
    const env = readFileSync(at('etc/parley/env'), 'utf8')
    for (const [settings, expected] of [
      [env, env],
      ['PORT=8000', `PORT=8000\nDATABASE_URL_FILE=${at(address)}\nREDIS_URL=redis://127.0.0.1:6379\n`],
    ] as const) {
      writeFileSync(at('etc/parley/env'), settings)
      writeFileSync(at(address), 'postgres://parley_b:of-before@127.0.0.1/parley\n')
      const lines = typed([anew?.text ?? '', makes], machine)
      expect(lines.filter((line) => line.startsWith('systemctl'))).toEqual([])
      await expectMade(readAddress())
      expect(readFileSync(at('etc/parley/env'), 'utf8')).toBe(expected)
    }
    writeFileSync(at('etc/parley/env'), env)
  })

  test('new files of a version: the rules of alerts are among them where Prometheus is, and what it is told here stays', () => {
    const ask = 'systemctl try-reload-or-restart prometheus'
    const news = steps(host).find((each) => each.includes('daemon-reload\nsystemctl restart')) ?? ''
    expect(typed(news, machine)).not.toContain(ask)
    mkdirSync(at('etc/prometheus/rules'), { recursive: true })
    writeFileSync(at('etc/prometheus/prometheus.yml'), 'mine')
    writeFileSync(at('etc/prometheus/rules/parley.yml'), 'of before')
    expect(typed(news, machine)).toContain(ask)
    const rules = readFileSync(join(root, 'deploy/monitoring/prometheus/rules/parley.yml'), 'utf8')
    expect(readFileSync(at('etc/prometheus/rules/parley.yml'), 'utf8')).toBe(rules)
    expect(readFileSync(at('etc/prometheus/prometheus.yml'), 'utf8')).toBe('mine')
  })

  const wants = 'etc/systemd/system/multi-user.target.wants'
  const enableSecond = (): void => {
    mkdirSync(at(wants), { recursive: true })
    writeFileSync(at(`${wants}/parley@8001.service`), '')
  }

  test.each([
    ['whose packages could not be fetched', ['away'], ['v0.2.0', 'v0.1.0', 'v0.1.0']],
    ['that refuses the configuration', ['refused'], ['v0.2.0', 'v0.2.0', 'v0.2.0']],
  ])('an update %s: the way back leads to code, packages and process of before', (_, trouble, during) => {
    enableSecond()
    const [update = '', back = ''] = steps(host).filter((block) => block.includes('git checkout'))
    const what = (): string[] =>
      ['code', 'packages', 'running'].map((name) => readFileSync(join(folder, name), 'utf8').trim())
    // A version refuses when it runs: the backup before it was taken by the one of before.
    if (trouble.includes('refused')) type([update], machine)
    else typedInTrouble(update, trouble, machine)
    expect(what()).toEqual(during)
    expect(typedInTrouble(back, trouble, machine).slice(-3)).toEqual([
      'systemctl restart parley@*',
      'systemctl start parley parley@8001.service',
      expect.stringMatching(/parley\.mjs doctor$/),
    ])
    expect(what()).toEqual(['v0.1.0', 'v0.1.0', 'v0.1.0'])
  })

  test('a migration that contracts comes while nothing runs, and not where the packages could not be fetched', () => {
    const [contracting = ''] = blocks(host, 'systemd').filter((block) => block.includes('migrate up <'))
    const isOfIt = (line: string): boolean => /^systemctl|migrate up/.test(line)
    expect(typed(contracting, machine).filter(isOfIt)).toEqual([
      'systemctl start parley-backup',
      expect.stringMatching(/migrate up --expanding$/),
      'systemctl stop parley parley@*',
      expect.stringMatching(/migrate up$/),
      'systemctl start parley parley@8001.service',
    ])
    expect(typedInTrouble(contracting, ['away'], machine).filter(isOfIt)).toEqual([
      'systemctl start parley-backup',
    ])
    rmSync(at(`${wants}/parley@8001.service`))
  })

  test('the runbook of a restore stops every process there is, and starts it again', () => {
    const [block] = blocksOf('docs/runbooks/backup-and-restore.md').filter(({ text }) =>
      text.includes('systemctl stop'),
    )
    for (const unit of ['ssh.service', 'parley.service']) writeFileSync(at(`${wants}/${unit}`), '')
    const stop = 'systemctl stop parley parley@*'
    const restored = () => logged(() => enter([block?.text ?? ''], machine))
    expect(restored()).toEqual([
      stop,
      expect.stringMatching(/parley\.mjs restore$/),
      'systemctl start parley',
    ])
    writeFileSync(at(`${wants}/parley@8001.service`), '')
    expect(restored().at(-1)).toBe('systemctl start parley parley@8001.service')
  })

  test('the key of cookies is changed while no process runs', () => {
    const [compose, services] = blocksOf('docs/runbooks/key-rotation.md').filter(({ text }) =>
      text.includes(' stop '),
    )
    expect(typed(compose?.text ?? '')).toEqual([
      'docker compose config --services',
      'docker compose stop second parley',
      'docker compose up --detach --wait',
      'docker compose exec -T parley parley doctor',
    ])
    expect(typed(services?.text ?? '', machine)).toEqual([
      'systemctl stop parley parley@*',
      'systemctl start parley parley@8001.service',
      expect.stringMatching(/^curl .*\/readyz$/),
      expect.stringMatching(/parley\.mjs doctor$/),
    ])
  })

  test('a configuration that a restore brought is as it was: Parley reads it, and cannot change it', () => {
    const path = at('etc/parley/parley.yaml')
    chmodSync(path, 0o600)
    const [block] = blocksOf('docs/guides/backups.md').filter(({ text }) =>
      text.includes('/usr/local/bin/parley restore'),
    )
    expect(typed(block?.text ?? '', machine)).toEqual([
      `chown parley ${at('etc/parley')}`,
      `chown -R parley: ${at('var/backups/parley')}`,
      expect.stringMatching(/parley\.mjs restore$/),
      `chown root ${at('etc/parley')}`,
      `chown root:parley ${path}`,
    ])
    expect(statSync(path).mode & 0o777).toBe(0o640)
  })
})

test('a new secret is given to one process after the other, where there are two', () => {
  const [restart] = blocksOf('docs/runbooks/key-rotation.md').filter(({ text }) =>
    text.includes('--force-recreate'),
  )
  const up = 'docker compose up --detach --wait --force-recreate'
  const [services, doctor] = [
    'docker compose config --services',
    'docker compose exec -T parley parley doctor',
  ]
  expect(typed(restart?.text ?? '')).toEqual([`${up} parley`, services, `${up} second`, doctor])
  expect(typedInTrouble(restart?.text ?? '', ['alone'])).toEqual([`${up} parley`, services, doctor])
})

test('of two processes one is up while the other starts again, whatever block says so', () => {
  const pages = [...new Set([...deploying, ...operating])].flatMap(blocksOf)
  for (const { path, text } of pages) {
    expect([path, text]).toEqual([
      path,
      expect.not.stringMatching(/systemctl restart [^&|\n]*parley [^&|\n]*parley@/),
    ])
    // Who starts all of an installation that runs has replaced one after the other before.
    const all = /^ *docker compose up --detach --wait(?: &&)?$/m.test(text)
    if (all && /^cd \/opt\/parley$/m.test(text) && !text.includes('migrate-data'))
      expect([path, text]).toEqual([
        path,
        expect.stringMatching(/--wait parley &&\n[^\n]*--wait second; \} &&/),
      ])
  }
})

test('a secret that somebody was given is asked for, and is read by Parley alone', () => {
  const machine = join(folder, 'machine')
  const token = "123456:of-tests-'$1' %s"
  const [compose = '', services = ''] = blocks(guide, 'a secret')
  for (const [block, at, settings, mounted, right, owner] of [
    [compose, folder, 'opt/parley/.env', '/run/secrets/parley', 0o400, 'chown 1000:1000'],
    [services, machine, 'etc/parley/env', join(machine, 'etc/parley/secrets'), 0o640, 'chgrp parley'],
  ] as const) {
    const file = join(at, settings.replace(/\.?env$/, 'secrets/TELEGRAM_BOT_TOKEN'))
    const give = (value: string) => enter([`{ ${block}\n} <<<"$(cat <<'END'\n${value}\nEND\n)"`], at)
    const before = readFileSync(join(at, settings), 'utf8')
    expect(give('')).toMatchObject({ status: 1, stderr: expect.stringContaining('nothing was changed') })
    expect([existsSync(file), readFileSync(join(at, settings), 'utf8')]).toEqual([false, before])
    const lines = logged(() => {
      // Once more, as it was changed: what names it stands there once.
      for (const value of ['of-before', token]) expect(give(value)).toMatchObject({ status: 0, stderr: '' })
    })
    expect(lines).toEqual([`${owner} ${file}.new`, `${owner} ${file}.new`])
    expect([readFileSync(file, 'utf8'), statSync(file).mode & 0o777]).toEqual([token, right])
    const line = `TELEGRAM_BOT_TOKEN_FILE=${mounted}/TELEGRAM_BOT_TOKEN`
    expect(readFileSync(join(at, settings), 'utf8')).toBe(`${before}\n${line}\n`)
  }
})

test('a certificate that certbot has and nginx does not show is put in place by the runbook', () => {
  const hooks = blocksOf('docs/runbooks/certificate-ends.md').filter(({ text }) =>
    text.includes('renewed.sh'),
  )
  const [compose = '', services = ''] = hooks.map(({ text }) => text)
  const machine = join(folder, 'machine')
  for (const each of [folder, machine]) {
    const live = join(each, 'etc/letsencrypt/live/chat.example.com')
    mkdirSync(live, { recursive: true })
    for (const name of ['privkey', 'fullchain']) writeFileSync(join(live, `${name}.pem`), `new ${name}`)
  }
  expect(typed(compose)).toEqual(['docker compose exec -T nginx nginx -s reload'])
  expect(typed(services, machine)).toEqual(['systemctl reload nginx'])
  for (const tls of [join(place, 'tls'), join(machine, 'etc/nginx/tls')])
    expect(readdirSync(tls).map((name) => [name, readFileSync(join(tls, name), 'utf8')])).toEqual([
      ['fullchain.pem', 'new fullchain'],
      ['privkey.pem', 'new privkey'],
    ])
})

test('elsewhere the guide of PostgreSQL makes the same, and shows its address', async () => {
  await forget()
  const [block] = blocksOf('docs/guides/postgres.md').filter(({ text }) => text.includes('create database'))
  const { stdout, stderr } = enter([block?.text ?? ''], folder, '-eu')
  expect(stderr).toBe('')
  await expectMade(stdout)
})

test('another terminal, which does not know the name, is told so', () => {
  const named = blocks(guide, 'docker', 'systemd', 'a host').filter((block) => /\$\{?NAME/.test(block))
  expect(named.length).toBeGreaterThanOrEqual(5)
  for (const block of named)
    expect([block, /\$\{?NAME[^"]*/.exec(block)?.[0]]).toEqual([
      block,
      expect.stringMatching(/^\$\{NAME:\?\}/),
    ])
})
