import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

// The launcher on a tiny installation: no packages, so that npm needs no network.
const about = { name: 'tiny', version: '1.0.0' }
const program = `
const [command, ...others] = process.argv.slice(2)
if (command === 'fail') process.exitCode = 7
if (command === 'wait') {
  setInterval(() => {}, 1000)
  process.on('SIGTERM', () => { process.stdout.write('drained\\n'); process.exit(3) })
}
process.stdout.write(JSON.stringify({ command, others, pid: process.pid }) + '\\n')
`
let root = ''

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'parley-launcher-'))
  cpSync('bin', join(root, 'bin'), { recursive: true })
  mkdirSync(join(root, 'src'))
  writeFileSync(join(root, 'src', 'main.ts'), program)
  const lock = { ...about, lockfileVersion: 3, requires: true, packages: { '': about } }
  writeFileSync(join(root, 'package.json'), JSON.stringify({ ...about, type: 'module' }))
  writeFileSync(join(root, 'package-lock.json'), JSON.stringify(lock))
})

afterEach(() => rmSync(root, { recursive: true, force: true, maxRetries: 5 }))

interface Launch {
  child: ChildProcess
  output(): string
  /** Exit code, or the signal. */
  end: Promise<number | string>
}

/** `flags` come before the launcher: without `process.execve` it behaves as on an older Node. */
function launch(args: string[], flags: string[] = [], user: object = {}): Launch {
  const words = [...flags, join(root, 'bin', 'parley.mjs'), ...args]
  const child = spawn(process.execPath, words, { cwd: root, ...user })
  let output = ''
  child.stdout.on('data', (bytes: Buffer) => (output += bytes.toString()))
  child.stderr.on('data', (bytes: Buffer) => (output += bytes.toString()))
  const end = once(child, 'close').then(([code, signal]: (number | string)[]) => code ?? signal ?? 'nothing')
  return { child, output: () => output, end }
}

async function until(met: () => boolean): Promise<void> {
  while (!met()) await new Promise((resolve) => setTimeout(resolve, 10))
}

const asChild = ['--import', 'data:text/javascript,delete process.execve']

describe.each([
  ['as the process itself', []],
  ['as a child', asChild],
])('runs the server %s', (_, flags) => {
  test('with its arguments and its exit code, packages installed once', async () => {
    const first = launch(['fail', '--json', 'a b'], flags)
    expect(await first.end).toBe(7)
    expect(first.output()).toContain('Installing packages …')
    expect(first.output()).toContain('{"command":"fail","others":["--json","a b"]')
    const second = launch(['other'], flags)
    expect(await second.end).toBe(0)
    expect(second.output()).not.toContain('Installing')
    expect(readdirSync(join(root, '.node'))).toEqual([])
  })

  test('with the signals it gets', async () => {
    const { child, output, end } = launch(['wait'], flags)
    await until(() => output().includes('"pid"'))
    child.kill('SIGTERM')
    expect(await end).toBe(3)
    expect(output()).toContain('drained')
  })
})

test('a child starts in a folder whose name a URL would read otherwise', async () => {
  const plain = root
  root = `${plain} #1 %41`
  renameSync(plain, root)
  const { output, end } = launch(['one'], asChild)
  expect(await end).toBe(0)
  expect(output()).toContain('{"command":"one"')
})

test('a child does not outlive a launcher that is killed', async () => {
  const { child, output, end } = launch(['wait'], asChild)
  await until(() => output().includes('"pid"'))
  child.kill('SIGKILL')
  await end // the child holds the pipes until it is gone
  expect(output()).toContain('drained')
})

test.each([
  ['an image, installed without the packages of development, installs nothing', false],
  ['a checkout installed so gets them', true],
])('%s', async (_, hasPageSources) => {
  const dev = { version: '1.0.0', dev: true, link: true }
  const packages = { '': about, 'node_modules/builder': dev }
  writeFileSync(join(root, 'package-lock.json'), JSON.stringify({ ...about, lockfileVersion: 3, packages }))
  writeFileSync(join(root, '.npmrc'), 'registry=http://127.0.0.1:9/\n')
  mkdirSync(join(root, 'node_modules'))
  writeFileSync(join(root, 'node_modules', '.package-lock.json'), JSON.stringify({ packages: {} }))
  if (hasPageSources) {
    mkdirSync(join(root, 'web'))
    writeFileSync(join(root, 'web', 'vite.config.ts'), '')
  }
  const { output, end } = launch(['one'])
  await end
  expect(output().includes('Installing packages')).toBe(hasPageSources)
})

test('who may not write where pages are missing cannot start, which doctor says as well', async () => {
  const sources = join(root, 'src', 'http', 'contract')
  for (const folder of [join(root, 'web'), sources]) mkdirSync(folder, { recursive: true })
  writeFileSync(join(root, 'web', 'vite.config.ts'), '')
  expect(await launch(['doctor']).end).toBe(0)
  chmodSync(root, 0o755)
  chmodSync(join(root, '.node'), 0o555)
  // Root may write everywhere.
  const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}
  for (const command of ['start', 'doctor']) {
    const { output, end } = launch([command], [], nobody)
    expect(await end).toBe(1)
    expect(output()).toContain(
      `no permission to write.\nRun as the owner of ${root}: cd ${root} && npm run -s ready`,
    )
  }
  expect(await launch(['other'], [], nobody).end).toBe(0)
  chmodSync(join(root, '.node'), 0o755)
})

test('two starts at once prepare once', async () => {
  const starts = [launch(['one']), launch(['two'])]
  expect(await Promise.all(starts.map(({ end }) => end))).toEqual([0, 0])
  const outputs = starts.map(({ output }) => output()).join('')
  expect(outputs.match(/Installing packages/g)).toHaveLength(1)
})

test('a start after one that was killed while it installed', async () => {
  const killed = launch(['one'])
  await until(() => killed.output().includes('Installing packages'))
  killed.child.kill('SIGKILL')
  await killed.end
  expect(existsSync(join(root, '.node', 'lock'))).toBe(true)
  const next = launch(['two'])
  expect(await next.end).toBe(0)
  expect(readdirSync(join(root, '.node')).filter((name) => name === 'lock')).toEqual([])
})

test('a lock of another machine counts until its heartbeat is old', async () => {
  mkdirSync(join(root, '.node'))
  const lock = join(root, '.node', 'lock')
  writeFileSync(lock, JSON.stringify({ pid: 1, host: `not-${hostname()}`, key: 'x' }))
  const waiting = launch(['one'])
  await until(() => waiting.output().includes('Waiting for another start'))
  const old = new Date(Date.now() - 60_000)
  utimesSync(lock, old, old)
  expect(await waiting.end).toBe(0)
})

test('without a network a changed lock file says what is missing and what to do', async () => {
  expect(await launch(['one']).end).toBe(0)
  writeFileSync(join(root, 'package.json'), JSON.stringify({ ...about, dependencies: { missing: '1.0.0' } }))
  writeFileSync(join(root, '.npmrc'), 'registry=http://127.0.0.1:9/\n')
  const packages = {
    '': { ...about, dependencies: { missing: '1.0.0' } },
    'node_modules/missing': { version: '1.0.0' },
  }
  writeFileSync(join(root, 'package-lock.json'), JSON.stringify({ ...about, lockfileVersion: 3, packages }))
  const broken = launch(['two'])
  expect(await broken.end).toBe(1)
  expect(broken.output()).toContain('Installing packages failed: the package registry cannot be reached.')
  expect(broken.output()).toContain('Connect this machine to the network')
  expect(existsSync(join(root, 'node_modules'))).toBe(true)
})
