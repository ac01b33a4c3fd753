import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { commandOf, knownNames, secretNames } from '../support/kubernetes/rules/starts.ts'
import { drainSeconds } from '../support/kubernetes/rules/running.ts'
import { findProgram } from '../support/run/next-release.ts'

const root = join(import.meta.dirname, '../..')
const names = ['parley.service', 'parley-backup.service', 'parley-backup.timer']
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

test('commands and settings exist, secrets are files, and there is time to finish', async () => {
  for (const name of ['parley.service', 'parley-backup.service']) {
    const text = unit(name)
    const command = /^ExecStart=\/usr\/bin\/node \/opt\/parley\/bin\/parley\.mjs (.+)$/m.exec(text)?.[1] ?? ''
    expect(await commandOf(command.split(' '))).toEqual([])
    const given = [...text.matchAll(/^Environment=(\w+)=/gm)].map(([, variable = '']) => variable)
    expect(given.filter((each) => !knownNames.has(each) && each !== 'NODE_COMPILE_CACHE')).toEqual([])
    expect(given.filter((each) => secretNames.has(each))).toEqual([])
  }
  expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(unit('parley.service'))?.[1])).toBeGreaterThanOrEqual(
    drainSeconds,
  )
})
