import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { verify } from '../../deploy/steps/verify.ts'
import { readVersion } from '../../src/ops/version.ts'
import { createTestDatabase } from '../support/databases.ts'
import { isParley, type Pods, pods, readManifests } from '../support/kubernetes/manifest.ts'
import { layOut } from '../support/kubernetes/pod.ts'
import { render } from '../support/kustomize.ts'
import { createTestRedis } from '../support/redis.ts'
import { freePort } from '../support/servers/server.ts'

const root = join(import.meta.dirname, '../..')

let folder = ''
let running: ChildProcess[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-pods-'))
  running = []
})
afterEach(async () => {
  await Promise.all(running.map((child) => ended(child, 'SIGKILL')))
  rmSync(folder, { recursive: true })
})

const ended = (child: ChildProcess, signal: NodeJS.Signals): Promise<unknown> => {
  if (child.exitCode !== null) return Promise.resolve(child.exitCode)
  child.kill(signal)
  return new Promise((resolve) => child.once('close', resolve))
}

interface Started {
  component: string
  url: string
  child: ChildProcess
  pod: Pods
}

/** Starts what the pods of an overlay would, each with the environment, files and arguments of its manifest. */
async function startOverlay(name: string, secrets: Record<string, string>): Promise<Started[]> {
  const manifests = readManifests(await render(join(root, 'deploy/kubernetes/overlays', name)))
  const lasting = pods(manifests).filter((each) => each.lasting && isParley(each))
  return Promise.all(
    lasting.map(async (pod, index) => {
      const own = join(folder, String(index))
      const port = await freePort()
      const command = (which: 'initContainers' | 'containers') => {
        const [container] = pod.template.spec[which]
        if (!container) throw new Error(`${pod.owner} has no ${which}`)
        const env = {
          ...layOut({ each: pod, container, manifests, folder: own, secrets }),
          PORT: String(port),
        }
        mkdirSync(join(own, 'data'), { recursive: true })
        return { args: [join(root, 'src/main.ts'), ...container.args], options: { cwd: own, env } }
      }
      const migrate = command('initContainers')
      expect(
        spawnSync(process.execPath, migrate.args, { ...migrate.options, encoding: 'utf8' }),
      ).toMatchObject({
        stderr: '',
        status: 0,
      })
      const start = command('containers')
      const child = spawn(process.execPath, start.args, { ...start.options, stdio: 'ignore' })
      running.push(child)
      const component = pod.template.metadata.labels['app.kubernetes.io/component'] ?? ''
      return { component, url: `http://127.0.0.1:${port}`, child, pod }
    }),
  )
}

/** As the kubelet asks. */
async function probed({ pod, url }: Started): Promise<void> {
  const [container] = pod.template.spec.containers
  for (const probe of [container?.startupProbe, container?.livenessProbe, container?.readinessProbe]) {
    const path = probe?.httpGet?.path ?? ''
    await vi.waitFor(async () => expect((await fetch(`${url}${path}`)).status).toBe(200), { timeout: 20_000 })
  }
}

const { version, commit } = readVersion()

test('single: the process of its manifest starts, is ready, answers, and ends in time', async () => {
  const [all] = await startOverlay('single', {})
  if (!all) throw new Error('There is no process')
  await probed(all)
  await verify(all.url, { version, commit }, 10_000)
  expect(await ended(all.child, 'SIGTERM')).toBe(0)
})

test('a process keeps no backup that dies with its pod, and does not say that there is none', async () => {
  const manifests = readManifests(await render(join(root, 'deploy/kubernetes/overlays/single')))
  const [pod] = pods(manifests).filter((each) => each.lasting && isParley(each))
  const [container] = pod?.template.spec.containers ?? []
  if (!pod || !container) throw new Error('There is no process')
  const env = layOut({ each: pod, container, manifests, folder })
  const own = { ...env, DATA_DIR: join(folder, 'data') }
  mkdirSync(own.DATA_DIR)
  const parley = (...args: string[]) =>
    spawnSync(process.execPath, [join(root, 'src/main.ts'), ...args], {
      cwd: folder,
      env: own,
      encoding: 'utf8',
    })
  expect(parley('migrate', 'up').status).toBe(0)
  for (const args of [['backup'], ['backup', 'list'], ['drill']])
    expect([args, parley(...args)]).toMatchObject([
      args,
      { status: 1, stderr: expect.stringContaining('only-in-jobs-of-cronjob-parley-backup') },
    ])
  expect(readdirSync(own.DATA_DIR)).not.toContain('backups')
})

test('scaled: api, worker and poller of their manifests share the work over PostgreSQL and Redis', async () => {
  const [database, redis] = [await createTestDatabase(), await createTestRedis()]
  try {
    const started = await startOverlay('scaled', { DATABASE_URL: database.url, REDIS_URL: redis.url })
    expect(started.map(({ component }) => component).toSorted()).toEqual(['api', 'poller', 'worker'])
    await Promise.all(started.map(probed))
    const api = started.find(({ component }) => component === 'api')
    // What the api accepts the worker answers.
    await verify(api?.url ?? '', { version, commit }, 10_000)
    const codes = await Promise.all(started.map(({ child }) => ended(child, 'SIGTERM')))
    expect(codes).toEqual([0, 0, 0])
  } finally {
    await Promise.all(running.map((child) => ended(child, 'SIGKILL')))
    await database.drop()
    await redis.stop()
  }
})
