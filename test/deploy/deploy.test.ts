import { spawn, spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { readVersion } from '../../src/ops/version.ts'
import { bootApp, type TestApp } from '../support/app.ts'
import { kustomizeCommand } from '../support/kustomize.ts'

const root = join(import.meta.dirname, '../..')
const fakes = join(root, 'test/fakes/deploy')
const { version, commit } = readVersion()
const name = 'ghcr.io/example/parley'
/** What runs at the address, and something that never will. */
const running = `${name}:${version}-${commit.slice(0, 12)}`
const other = `${name}:9.9.9-abcdef012345`

let app: TestApp
let folder = ''
let env: NodeJS.ProcessEnv = {}

beforeAll(async () => {
  app = await bootApp()
})
afterAll(() => app.close())

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-deploy-'))
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  symlinkSync(join(fakes, 'kubectl.mjs'), join(bin, 'kubectl'))
  for (const program of ['ssh', 'docker']) symlinkSync(join(fakes, `${program}.sh`), join(bin, program))
  symlinkSync(process.execPath, join(bin, 'node'))
  const real = kustomizeCommand() ?? []
  const FAKE = { FAKE_CLUSTER: join(folder, 'cluster.json'), FAKE_DOCKER: join(folder, 'docker.log') }
  env = { ...FAKE, REAL_KUSTOMIZE: real.join(' '), PATH: `${bin}:/usr/bin:/bin` }
  return () => rmSync(folder, { recursive: true })
})

async function run(script: string, ...args: string[]) {
  const child = spawn(process.execPath, [join(root, 'deploy', script), ...args], { cwd: root, env })
  let output = ''
  child.stdout.on('data', (bytes) => (output += String(bytes)))
  child.stderr.on('data', (bytes) => (output += String(bytes)))
  const code = await new Promise((resolve) => child.once('close', resolve))
  return { code, output }
}

const overlay = (name: string) => `deploy/kubernetes/overlays/${name}`
const toCluster = (image: string, where = 'scaled') =>
  run(
    'deploy.ts',
    'kubernetes',
    overlay(where),
    '--image',
    image,
    '--url',
    app.app.address,
    '--within',
    '1.5',
  )

interface Kept {
  spec: {
    replicas: number
    template: { spec: { containers: [{ image: string }]; initContainers: [{ image: string }] } }
  }
}
const cluster = (): Record<string, Kept> => JSON.parse(readFileSync(join(folder, 'cluster.json'), 'utf8'))
const imagesOf = (kept: Record<string, Kept>): string[] => [
  ...new Set(
    Object.values(kept).flatMap(({ spec: { template } }) =>
      [...template.spec.containers, ...template.spec.initContainers].map(({ image }) => image),
    ),
  ),
]

describe('verify', () => {
  test('the version that runs, and a conversation', async () => {
    const { code, output } = await run(
      'verify.ts',
      app.app.address,
      '--version',
      version,
      '--commit',
      commit.slice(0, 7),
    )
    expect([code, output]).toEqual([
      0,
      `ok: ${version} ${commit.slice(0, 12)} answers at ${app.app.address}\n`,
    ])
  })

  test('another version, and nobody there', async () => {
    expect(await run('verify.ts', app.app.address, '--version', '9.9.9', '--within', '1.5')).toEqual({
      code: 1,
      output: expect.stringContaining(`runs ${version} ${commit.slice(0, 12)}, not 9.9.9`),
    })
    expect(await run('verify.ts', 'http://127.0.0.1:9', '--within', '1.5')).toEqual({
      code: 1,
      output: expect.stringContaining('does not answer /api/version'),
    })
    expect((await run('verify.ts')).code).toBe(2)
  })
})

describe('to a cluster', () => {
  test.each(['scaled', 'single'])('%s: every process gets the image, and it is verified', async (where) => {
    const { code, output } = await toCluster(running, where)
    expect([code, output]).toEqual([0, expect.stringContaining(`verified: ${version}`)])
    expect(imagesOf(cluster())).toEqual([running])
    const log = readFileSync(join(folder, 'cluster.json.log'), 'utf8')
    for (const workload of Object.keys(cluster()))
      expect(log).toContain(`rollout status ${workload} -n parley`)
  })

  test('a version that never gets ready: back to the one before, exactly', async () => {
    await toCluster(running)
    const before = cluster()
    const { code, output } = await toCluster(`${name}:9.9.9-bad0000`)
    expect([code, output]).toEqual([
      1,
      expect.stringMatching(/FAILED: .*timed out[^]*back: to[^]*what ran before runs again/),
    ])
    expect(cluster()).toEqual(before)
  })

  test('a version that gets ready and is not seen from outside: back as well', async () => {
    await toCluster(running)
    const before = cluster()
    const { code, output } = await toCluster(other)
    expect([code, output]).toEqual([
      1,
      expect.stringMatching(/FAILED: .*not 9\.9\.9[^]*back: to[^]*verified: /),
    ])
    expect(cluster()).toEqual(before)
  })

  test('a first installation that fails has no way back, and says so', async () => {
    const { code, output } = await toCluster(`${name}:9.9.9-bad0000`)
    expect([code, output]).toEqual([3, expect.stringContaining('LOOK AT IT')])
  })

  test('the autoscaler keeps its number of workers', async () => {
    await toCluster(running)
    const kept = cluster()
    Object.assign(kept['deployment/parley-worker']?.spec ?? {}, { replicas: 9 })
    Object.assign(kept['deployment/parley-api']?.spec ?? {}, { replicas: 9 })
    writeFileSync(join(folder, 'cluster.json'), JSON.stringify(kept))
    await toCluster(running)
    expect(cluster()['deployment/parley-worker']?.spec.replicas).toBe(9)
    expect(cluster()['deployment/parley-api']?.spec.replicas).toBe(3)
  })

  test('nothing is changed for a tag that moves, another image, or a cluster that does not answer', async () => {
    for (const image of [`${name}:latest`, name, `${name}:main`, `${name}:1.2.3`])
      expect(await toCluster(image)).toEqual({
        code: 2,
        output: expect.stringContaining('is not NAME:VERSION-COMMIT'),
      })
    expect((await toCluster('ghcr.io/acme/other:1.2.3-abcdef0')).output).toContain(
      'No manifest of this overlay uses',
    )
    rmSync(join(folder, 'bin/kubectl'))
    expect(await toCluster(running)).toEqual({
      code: 1,
      output: expect.stringContaining('nothing was changed'),
    })
  })
})

describe('to a host', () => {
  const toHost = (image: string, host = 'deploy@host.example') =>
    run(
      'deploy.ts',
      'host',
      `${host}:${folder}/it's here`,
      '--image',
      image,
      '--url',
      app.app.address,
      '--within',
      '3',
    )
  const place = () => join(folder, "it's here")
  beforeEach(() => {
    mkdirSync(place())
    writeFileSync(join(place(), '.env'), `SECRET_KEY=kept\nPARLEY_IMAGE=${running}\nHOST=0.0.0.0\n`)
    chmodSync(join(place(), '.env'), 0o600)
  })
  const dotEnv = () => readFileSync(join(place(), '.env'), 'utf8')

  test('the image is fetched, set and verified; the rest of .env and its rights stay', async () => {
    const { code, output } = await toHost(running)
    expect([code, output]).toEqual([0, expect.stringContaining(`verified: ${version}`)])
    expect(dotEnv()).toBe(`SECRET_KEY=kept\nHOST=0.0.0.0\nPARLEY_IMAGE=${running}\n`)
    expect(statSync(join(place(), '.env')).mode & 0o777).toBe(0o600)
    expect(readFileSync(join(folder, 'docker.log'), 'utf8')).toBe(
      `pull --quiet ${running}\ncompose up --detach --wait --wait-timeout 300 --remove-orphans\n`,
    )
  })

  test.each([
    ['that never gets healthy', `${name}:9.9.9-bad0000`, /unhealthy/],
    ['that is not seen from outside', other, /not 9\.9\.9/],
  ])('a version %s: back', async (_, image, fault) => {
    const { code, output } = await toHost(image)
    expect([code, output]).toEqual([1, expect.stringMatching(fault)])
    expect(dotEnv()).toContain(`PARLEY_IMAGE=${running}\n`)
    expect(output).toContain('what ran before runs again')
  })

  test('an image that is in no registry changes nothing that runs', async () => {
    // A tag of hexadecimal digits cannot say it; the name can.
    expect((await toHost('ghcr.io/example/gone:1.2.3-abcdef0')).output).toContain('manifest unknown')
    expect(readFileSync(join(folder, 'docker.log'), 'utf8').split('\n')[0]).toContain('pull')
    expect(dotEnv()).toContain(`PARLEY_IMAGE=${running}\n`)
  })

  test('a host that does not answer', async () => {
    expect(await toHost(running, 'deploy@other.example')).toEqual({
      code: 1,
      output: expect.stringMatching(/unknown host[^]*nothing was changed/),
    })
  })

  test('wrong usage', async () => {
    for (const args of [
      [],
      ['host'],
      ['host', 'deploy@host.example'],
      ['moon', 'x', '--image', running, '--url', 'http://x'],
    ])
      expect(await run('deploy.ts', ...args)).toEqual({ code: 2, output: expect.stringContaining('Usage:') })
  })
})

describe('the steps of the workflow', () => {
  const { jobs } = parse(readFileSync(join(root, '.github/workflows/deploy.yml'), 'utf8'))
  const steps: { name?: string; run?: string }[] = jobs.deploy.steps
  /** As a runner does: bash, ending at the first failure. */
  const step = (name: string, more: NodeJS.ProcessEnv) => {
    const { run: script = '' } = steps.find((each) => each.name === name) ?? {}
    return spawnSync('bash', ['-e', '-c', script], {
      cwd: root,
      env: { ...env, HOME: folder, ...more },
      encoding: 'utf8',
    })
  }

  test('set, wait and verify, or go back', async () => {
    const { status } = spawnSync('bash', ['-c', 'command -v node'], { env })
    expect(status).toBe(0)
    const { TARGET, PLACE, URL } = { TARGET: 'kubernetes', PLACE: overlay('scaled'), URL: app.app.address }
    const [script] = steps.flatMap(({ name: each, run: text }) =>
      each?.startsWith('Set, wait') ? [text ?? ''] : [],
    )
    const child = spawn('bash', ['-e', '-c', script ?? ''], {
      cwd: root,
      env: { ...env, TARGET, PLACE, URL, IMAGE: running },
    })
    expect(await new Promise((resolve) => child.once('close', resolve))).toBe(0)
    expect(imagesOf(cluster())).toEqual([running])
  })

  test('keys are for the runner alone, and gone afterwards', () => {
    const RUNNER_TEMP = folder
    const GITHUB_ENV = join(folder, 'env')
    expect(
      step('The way to the cluster', { RUNNER_TEMP, GITHUB_ENV, KUBECONFIG_TEXT: 'a: 1\n' }).status,
    ).toBe(0)
    expect(step('The way to the host', { SSH_KEY: 'key', SSH_KNOWN_HOSTS: 'host' }).status).toBe(0)
    expect(readFileSync(GITHUB_ENV, 'utf8')).toBe(`KUBECONFIG=${folder}/kubeconfig\n`)
    expect(readFileSync(join(folder, '.ssh/id_ed25519'), 'utf8')).toBe('key\n')
    for (const path of ['kubeconfig', '.ssh/id_ed25519', '.ssh/known_hosts'])
      expect(statSync(join(folder, path)).mode & 0o077).toBe(0)
    expect(step('Forget the ways', { RUNNER_TEMP }).status).toBe(0)
    for (const path of ['kubeconfig', '.ssh/id_ed25519']) expect(existsSync(join(folder, path))).toBe(false)
  })
})
