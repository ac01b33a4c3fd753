import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { blocksOf } from '../support/blocks.ts'
import { commandOf, knownNames, secretNames } from '../support/kubernetes/rules/starts.ts'
import { drainSeconds } from '../support/kubernetes/rules/running.ts'
import { findProgram } from '../support/run/next-release.ts'

const root = join(import.meta.dirname, '../..')
const names = ['parley.service', 'parley-backup.service', 'parley-backup.timer', 'parley@.service']
const unit = (name: string): string => readFileSync(join(root, 'deploy/systemd', name), 'utf8')

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-units-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function analyze(...args: string[]): { status: number | null; output: string } {
  const program = findProgram('systemd-analyze', 'SYSTEMD_ANALYZE_PATH')
  if (program === undefined) throw new Error('There is no systemd-analyze: run `npm test`')
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' })
  return { status, output: `${stdout}${stderr}` }
}

/** As installed, but for where Node and Parley are on this machine. */
function place(change: (name: string, text: string) => string = (_, text) => text): string[] {
  return names.map((name) => {
    const text = unit(name)
      .replaceAll('/usr/bin/node', process.execPath)
      .replaceAll('/opt/parley/', `${root}/`)
    writeFileSync(join(folder, name), change(name, text))
    return join(folder, name)
  })
}

test('systemd takes the units as they are', () => {
  expect(analyze('verify', '--man=no', ...place())).toEqual({ status: 0, output: '' })
})

test.each([
  ['a setting that is not there', 'RestartSec=2', 'RestartSecs=2', /RestartSecs/],
  ['a value that is none', 'Type=exec', 'Type=exce', /exce/],
  ['a program that is not there', /ExecStart=\S+/, 'ExecStart=/usr/bin/nodejs24', /nodejs24/],
  ['a time that is none', '03:30:00 UTC', '25:30:00 UTC', /25:30/],
])('%s is found', (_, from, to, finding) => {
  const paths = place((_name, text) => text.replace(from, to))
  expect(analyze('verify', '--man=no', ...paths).output).toMatch(finding)
})

test('the services have few rights, the same in both', () => {
  const [service = '', backup = ''] = place()
  // The scale goes from 0 (nothing is allowed) to 100.
  for (const path of [service, backup])
    expect(analyze('security', '--offline=true', '--threshold=20', path).status).toBe(0)
  const loose = place((_, text) =>
    text.replaceAll(/^(Protect|Restrict|Private|Capability|SystemCall).*$/gm, ''),
  )
  expect(analyze('security', '--offline=true', '--threshold=20', loose[0] ?? '').status).not.toBe(0)
  const hardening = (name: string): string[] =>
    unit(name)
      .split('\n')
      .filter((line) =>
        /^(Protect|Private|Restrict|Capability|Ambient|No|System|Lock|Remove|UMask)/.test(line),
      )
  expect(hardening('parley-backup.service')).toEqual(hardening('parley.service'))
})

test('a further process is the same service, at the port that its name has', () => {
  expect(readlinkSync(join(root, 'deploy/systemd/parley@.service'))).toBe('parley.service')
})

/** Which files a unit, or the command, has its environment from; in one place, so that none has another. */
const environmentOf = (text: string): string[] => text.match(/\bEnvironment(File)?=\S+/g) ?? []

test('commands and settings exist, secrets are files, and there is time to finish', async () => {
  for (const name of ['parley.service', 'parley-backup.service']) {
    const text = unit(name)
    const command = /^ExecStart=\/usr\/bin\/node \/opt\/parley\/bin\/parley\.mjs (.+)$/m.exec(text)?.[1] ?? ''
    expect(await commandOf(command.split(' '))).toEqual([])
    const own = name === 'parley.service' ? ['Environment=PORT=%i'] : []
    expect(environmentOf(text)).toEqual([...own, ...environmentOf(unit('parley'))])
    expect(text).toContain('ReadWritePaths=-/var/backups/parley\n')
  }
  const given = Object.keys(parseEnv(unit('parley.env')))
  expect(given).toContain('BACKUP_DIR')
  expect(given.filter((each) => !knownNames.has(each) && each !== 'NODE_COMPILE_CACHE')).toEqual([])
  expect(given.filter((each) => secretNames.has(each))).toEqual([])
  expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(unit('parley.service'))?.[1])).toBeGreaterThanOrEqual(
    drainSeconds,
  )
})

describe('the command `parley`', () => {
  const at = (path: string): string => join(folder, 'machine', path)
  beforeAll(() => {
    for (const path of ['bin', 'etc/parley/secrets', 'var/backups/parley', 'opt/parley/deploy/systemd'])
      mkdirSync(at(path), { recursive: true })
    symlinkSync(join(root, 'test/fakes/deploy/systemd-run.mjs'), at('bin/systemd-run'))
    symlinkSync(process.execPath, at('bin/node'))
    symlinkSync(join(root, 'bin'), at('opt/parley/bin'))
    for (const name of ['parley', 'parley.env'])
      writeFileSync(at(`opt/parley/deploy/systemd/${name}`), here(unit(name)))
    writeFileSync(at('etc/parley/parley.yaml'), 'bot: { name: Trial, languages: [en] }\n')
    writeFileSync(at('etc/parley/secrets/SECRET_KEY'), randomBytes(48).toString('base64'))
    writeFileSync(at('etc/parley/env'), 'LOG_LEVEL=warn\n')
  })
  /** As installed, but for where everything is. */
  const here = (text: string): string =>
    text.replaceAll('/usr/bin/node', process.execPath).replaceAll(/\/(?=(opt|etc|var)\/)/g, `${at('')}/`)
  const parley = (...words: string[]) => run(at('opt/parley/deploy/systemd/parley'), words)
  const run = (command: string, words: string[]) =>
    spawnSync('sh', [command, ...words], {
      // What is in the terminal of root does not count.
      env: { PATH: `${at('bin')}:/usr/bin:/bin`, FAKE_SYSTEMD: at('properties'), DATA_DIR: '/nowhere' },
      cwd: '/',
      encoding: 'utf8',
    })

  test('makes and finds backups where the services do, by their settings', () => {
    expect(parley('migrate', 'up')).toMatchObject({ status: 0, stderr: '' })
    expect(parley('backup')).toMatchObject({ status: 0, stderr: '' })
    const [name = ''] = readdirSync(at('var/backups/parley'))
    expect(name).toMatch(/^parley-.*\.tar\.gz$/)
    expect(statSync(at(`var/backups/parley/${name}`)).mode & 0o077).toBe(0)
    expect(readdirSync(at('var/lib/parley'))).not.toContain('backups')
    const list = parley('backup', 'list', '--json')
    expect([list.status, list.stdout]).toEqual([0, expect.stringContaining(name)])
    expect(parley('restore', '/nowhere/$5 $$.tar.gz').stderr).toContain('/nowhere/$5 $$.tar.gz')
  })

  test.each(['SIGHUP', 'SIGINT', 'SIGTERM'] as const)('that %s stopped has not ended well', (signal) => {
    const stopped = at('bin/stopped')
    writeFileSync(stopped, `#!/bin/sh\nkill -${signal.slice(3)} $$\n`, { mode: 0o755 })
    const command = at('bin/parley')
    writeFileSync(command, here(unit('parley')).replace(process.execPath, stopped))
    expect(run(command, ['migrate-data']).status).toBe(128 + constants.signals[signal])
  })

  test('has the files of the services, and properties that systemd knows', () => {
    expect(environmentOf(unit('parley'))).toEqual([
      'EnvironmentFile=/opt/parley/deploy/systemd/parley.env',
      'EnvironmentFile=-/etc/parley/env',
    ])
    parley('version')
    const properties = readFileSync(at('properties'), 'utf8')
    const path = join(folder, 'command.service')
    writeFileSync(path, `[Service]\nExecStart=/bin/true\n${properties}`)
    expect(analyze('verify', '--man=no', path)).toEqual({ status: 0, output: '' })
    writeFileSync(path, `[Service]\nExecStart=/bin/true\n${properties.replace('UMask', 'Umask')}`)
    expect(analyze('verify', '--man=no', path).output).toMatch(/Umask/)
  })

  test('is put where runbooks call it, and the units where systemd looks', () => {
    const [install] = blocksOf('docs/guides/deployment.md').filter(({ text }) => text.includes('useradd'))
    expect(install?.text).toContain('ln -sf /opt/parley/deploy/systemd/parley /usr/local/bin/parley\n')
    expect(install?.text).toContain(
      'cp deploy/systemd/*.service deploy/systemd/*.timer /etc/systemd/system/\n',
    )
    expect(statSync(join(root, 'deploy/systemd/parley')).mode & 0o111).toBe(0o111)
    const runbooks = readFileSync(join(root, 'docs/runbooks/README.md'), 'utf8')
    expect(runbooks).toMatch(/^\| systemd \| `sudo parley doctor` \|/m)
  })
})
