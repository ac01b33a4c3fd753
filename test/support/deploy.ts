import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { readVersion } from '../../src/ops/version.ts'
import { bootApp, type TestApp } from './app.ts'
import { compiled } from './compiled.ts'
import { kustomizeCommand } from './kustomize.ts'

export const root = join(import.meta.dirname, '../..')
const fakes = join(root, 'test/fakes/deploy')
export const { version, commit } = readVersion()
export const imageName = 'ghcr.io/example/parley'
/** What runs at the address, and something that never will. */
export const running = `${imageName}:${version}-${commit.slice(0, 12)}`
export const other = `${imageName}:9.9.9-abcdef012345`

/** A workload as the imitated cluster keeps it. */
export interface Kept {
  metadata: { annotations?: Record<string, string> }
  spec: {
    replicas: number
    template: { spec: { containers: [{ image: string }]; initContainers: [{ image: string }] } }
  }
}

type Ended = Promise<{ code: unknown; output: string }>

/** Where the programs of `deploy` work on: a Parley that runs, an imitated cluster and an imitated host, anew for each test. */
export interface Grounds {
  /** Of the Parley that runs. */
  address(): string
  folder(): string
  /** What programs find: kubectl, ssh and docker are imitated. */
  env(): NodeJS.ProcessEnv
  run(script: string, ...args: string[]): Ended
  /** The same, while it works. */
  start(script: string, ...args: string[]): { child: ChildProcessWithoutNullStreams; ended: Ended }
  cluster(): Record<string, Kept>
  /** Deploys what a folder holds to the cluster; seen from outside at `url`, by itself where Parley runs. */
  deploy(folder: string, image: string, url?: string): Ended
  /** Changes the cluster behind everybody's back. */
  change(change: (kept: Record<string, Kept>) => void): void
  /** A folder over one of the overlays, as an operator has it; its version is of long ago. */
  overlay(name: string): string
}

export function useGrounds(): Grounds {
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
    const files = { FAKE_CLUSTER: join(folder, 'cluster.json'), FAKE_DOCKER: join(folder, 'docker.log') }
    env = {
      ...files,
      REAL_KUSTOMIZE: real.join(' '),
      PATH: `${bin}:/usr/bin:/bin`,
      NODE_COMPILE_CACHE: compiled,
    }
    // A program that outlives its deployment may still write there.
    return () => rmSync(folder, { recursive: true, maxRetries: 10 })
  })

  function start(script: string, ...args: string[]) {
    const child = spawn(process.execPath, [join(root, 'deploy', script), ...args], { cwd: root, env })
    let output = ''
    child.stdout.on('data', (bytes) => (output += String(bytes)))
    child.stderr.on('data', (bytes) => (output += String(bytes)))
    const ended = new Promise((resolve) => child.once('close', resolve)).then((code) => ({ code, output }))
    return { child, ended }
  }
  const run = (script: string, ...args: string[]) => start(script, ...args).ended

  return {
    address: () => app.app.address,
    folder: () => folder,
    env: () => env,
    run,
    start,
    cluster: () => read(join(folder, 'cluster.json')),
    deploy: (where, image, url = app.app.address) =>
      run('deploy.ts', 'kubernetes', where, '--image', image, '--url', url, '--within', '1.5'),
    change(change) {
      const kept = read(join(folder, 'cluster.json'))
      change(kept)
      writeFileSync(join(folder, 'cluster.json'), JSON.stringify(kept))
    },
    overlay(name) {
      const own = join(folder, name)
      mkdirSync(own, { recursive: true })
      const base = relative(own, join(root, 'deploy/kubernetes/overlays', name))
      writeFileSync(join(own, 'kustomization.yaml'), `${kustomization}resources: [${base}]\n`)
      return own
    },
  }
}

const read = (path: string): Record<string, Kept> => JSON.parse(readFileSync(path, 'utf8'))

const kustomization = `# Of a tenant.
images:
  - name: ${imageName}
    newTag: 0.0.1-0a1b2c3 # runs
`

const workloadsOf = (kept: Record<string, Kept>): Kept[] =>
  Object.entries(kept).flatMap(([name, each]) => (/^(deployment|statefulset)\//.test(name) ? [each] : []))

/** Every image in the cluster, once. */
export const imagesOf = (kept: Record<string, Kept>): string[] => [
  ...new Set(
    workloadsOf(kept).flatMap(({ spec: { template } }) =>
      [...template.spec.containers, ...template.spec.initContainers].map(({ image }) => image),
    ),
  ),
]
