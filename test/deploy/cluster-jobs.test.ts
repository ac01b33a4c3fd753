import { execFile } from 'node:child_process'
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test, vi } from 'vitest'
import { draftJob, kubectlIn, makeJob, waitForJob } from '../../deploy/steps/job.ts'
import { restoreInCluster } from '../../deploy/steps/restore.ts'
import { other, root, running, useGrounds, version } from '../support/deploy.ts'

const grounds = useGrounds()

const toCluster = (image: string, where = 'scaled') => grounds.deploy(grounds.overlay(where), image)

describe('a backup brought back', () => {
  const restore = (...args: string[]) => grounds.run('restore.ts', ...args)
  const replicas = () =>
    Object.fromEntries(
      Object.entries(grounds.cluster()).flatMap(([name, { spec }]) =>
        Object(spec).replicas > 0 ? [[name, spec.replicas]] : [],
      ),
    )
  const jobs = () => Object.keys(grounds.cluster()).filter((each) => each.startsWith('job/'))
  const log = (): string[] => readFileSync(join(grounds.folder(), 'cluster.json.log'), 'utf8').split('\n')

  test.each(['single', 'scaled'])(
    '%s: all is stopped, restored by a job of its own, and started as before',
    async (where) => {
      await toCluster(running, where)
      const before = replicas()
      const { code, output } = await restore('parley', 'parley-2026-11-26T033000Z.3f9a1c2b.tar.gz', '--force')
      expect([code, output]).toEqual([
        0,
        expect.stringMatching(/stopped: [^]*restoring: job[^]*logs of job[^]*started again/),
      ])
      expect(output).not.toContain('FAILED')
      expect(replicas()).toEqual(before)
      expect(JSON.stringify(grounds.cluster())).not.toContain('parley/replicas')
      const [name = ''] = jobs()
      const { spec } = Object(grounds.cluster()[name])
      expect(spec.template.spec.containers[0].args).toEqual([
        'restore',
        'parley-2026-11-26T033000Z.3f9a1c2b.tar.gz',
        '--force',
      ])
      expect([spec.backoffLimit, spec.template.spec.affinity]).toEqual([0, undefined])
      expect(spec.activeDeadlineSeconds).toBe(14_280)
      const steps = log().map((line) => line.split(' ').slice(0, 2).join(' '))
      expect(steps.lastIndexOf('get pods')).toBeLessThan(steps.indexOf('create job'))
    },
  )

  test('one that is refused: what was there runs again', async () => {
    await toCluster(running)
    const before = replicas()
    expect((await restore('parley', 'damaged')).code).toBe(1)
    expect(replicas()).toEqual(before)
  })

  test('begun again where all is stopped already, it still knows how many there were', async () => {
    await toCluster(running)
    const before = replicas()
    grounds.change((kept) => {
      for (const [name, count] of Object.entries(before)) {
        const workload = Object(kept[name])
        workload.spec.replicas = 0
        workload.metadata.annotations = { 'parley/replicas': String(count) }
      }
    })
    expect(await toCluster(other)).toEqual({
      code: 1,
      output: expect.stringMatching(/FAILED: a restore has stopped parley-api[^]*nothing was changed/),
    })
    expect(replicas()).toEqual({})
    expect((await restore('parley')).code).toBe(0)
    expect(replicas()).toEqual(before)
  })

  test('while the job may be at work nothing is started; begun again it is waited for', async () => {
    await toCluster(running)
    const before = replicas()
    for (const [name, value] of Object.entries(grounds.env())) vi.stubEnv(name, value)
    const said: string[] = []
    const say = (line: string): void => void said.push(line)
    await expect(
      restoreInCluster({ namespace: 'parley', args: ['hangs'], withinMs: 1000, say }),
    ).rejects.toThrow(/job\/(\S+) may still be restoring[^]*kubectl logs -n parley -f job\/\1/)
    expect(said.join('\n')).toContain('did not end within 1 s')
    expect(replicas()).toEqual({})
    const [name = ''] = jobs()
    expect(await toCluster(other)).toEqual({
      code: 1,
      output: expect.stringMatching(new RegExp(`FAILED: ${name} is restoring[^]*nothing was changed`)),
    })
    expect(replicas()).toEqual({})
    grounds.change((kept) => {
      Object(kept[name]).spec.template.spec.containers[0].args = ['restore']
      Object(kept[name]).polls = 0
    })
    expect(await restore('parley')).toEqual({
      code: 0,
      output: expect.stringMatching(/under way, waiting for it: job[^]*started again/),
    })
    expect([jobs(), replicas()]).toEqual([[name], before])
  })

  test('what cannot be stopped: what was stopped already runs again, and nothing is restored', async () => {
    await toCluster(running)
    const before = replicas()
    const last = Object.keys(before).at(-1) ?? ''
    grounds.change((kept) =>
      Object.assign(kept[last]?.metadata ?? {}, { annotations: { 'test/may-not-stop': 'yes' } }),
    )
    expect(await restore('parley')).toEqual({
      code: 1,
      output: expect.stringMatching(/FAILED: .*Forbidden[^]*started again/),
    })
    expect([jobs(), replicas()]).toEqual([[], before])
  })

  test('a process that does not end: nothing is restored, all runs again, and a node that died may be the cause', async () => {
    await toCluster(running)
    const before = replicas()
    grounds.change((kept) =>
      Object.assign(kept, {
        'pod/lost': { kind: 'Pod', metadata: {}, spec: {}, status: { phase: 'Running' } },
      }),
    )
    for (const [name, value] of Object.entries(grounds.env())) vi.stubEnv(name, value)
    const said: string[] = []
    const say = (line: string): void => void said.push(line)
    const restoring = restoreInCluster({ namespace: 'parley', args: [], withinMs: 1000, stopMs: 300, say })
    expect(await restoring).toBe(false)
    expect(said.join('\n')).toMatch(
      /FAILED: .*kubectl get pods -n parley -o wide.*a node that died.* within 0\.3 s\nstarted again/,
    )
    expect([jobs(), replicas()]).toEqual([[], before])
  })

  test('pods that were evicted hold nothing up, and what was set to none stays at none', async () => {
    await toCluster(running)
    grounds.change((kept) => {
      Object.assign(kept['deployment/parley-poller']?.spec ?? {}, { replicas: 0 })
      Object.assign(kept, {
        'pod/evicted': { kind: 'Pod', metadata: {}, spec: {}, status: { phase: 'Failed' } },
      })
    })
    const before = replicas()
    expect((await restore('parley')).code).toBe(0)
    expect(replicas()).toEqual(before)
    expect(before).not.toHaveProperty(['deployment/parley-poller'])
  })

  test('wrong usage, and a namespace without Parley', async () => {
    for (const args of [
      [],
      ['Parley'],
      ['parley', '--all'],
      ['parley', '--within', 'x'],
      ['parley', '--within', '299'],
    ])
      expect((await restore(...args)).code).toBe(2)
    expect(await restore('other')).toEqual({ code: 3, output: expect.stringContaining('Nothing of Parley') })
  })
})

describe('where all of it is gone, and the bucket has the backups', () => {
  const [before = '', section = ''] = readFileSync(join(root, 'docs/guides/kubernetes.md'), 'utf8').split(
    '**When the cluster or',
  )
  const blocksIn = (text: string): string[] =>
    [...text.matchAll(/^```(?:yaml|sh)\n([^]*?)^```$/gm)].map(([, block = '']) => block)
  const blocks = blocksIn(section)
  const [ofSingle = '', ofScaled = '', first = '', last = ''] = blocks

  const follow = (text: string, folder: string) => {
    const script = text
      .replaceAll('npm run node -- ', 'node ')
      .replaceAll('deploy/kubernetes/tenants/acme', folder)
      .replaceAll('parley-acme', 'parley')
      .replaceAll('https://chat.acme.com', grounds.address())
    return promisify(execFile)('bash', ['-e', '-c', script], { cwd: root, env: grounds.env() })
  }
  const started = () =>
    Object.entries(grounds.cluster()).filter(([, { spec }]) => Number(Object(spec).replicas) > 0)

  test.each([
    ['single', ofSingle, first],
    ['scaled', ofScaled, first.replace(/^kubectl apply [^\n]*<<'END'\n[^]*^END\n/m, '')],
  ])('%s: as the guide says, nothing starts before the data is back', async (where, none, text) => {
    const folder = grounds.overlay(where)
    const file = join(folder, 'kustomization.yaml')
    const own = readFileSync(file, 'utf8')
    writeFileSync(file, `${own}${none}`)
    // Where the secrets were forgotten, it is pasted once more.
    await expect(follow(text, folder)).rejects.toThrow('no such file')
    writeFileSync(join(folder, 'secret.env'), '')
    const { stdout } = await follow(text, folder)
    expect(stdout).toMatch(
      /logs of job\/parley\n[^]*restoring: job[^]*nothing ran before, nothing is started/,
    )
    expect(started()).toEqual([])
    writeFileSync(file, own)
    expect((await follow(last, folder)).stdout).toContain(`ok: ${version}`)
    expect(started()).toHaveLength(where === 'single' ? 1 : 3)
  })

  test('a database that is gone: a canary does not start on the empty one either', async () => {
    const folder = grounds.overlay('scaled')
    const canary = relative(folder, join(root, 'deploy/kubernetes/components/canary'))
    appendFileSync(join(folder, 'kustomization.yaml'), `components: [${canary}]\n`)
    await follow('kubectl apply -k deploy/kubernetes/tenants/acme', folder)
    expect(started()).toHaveLength(5)
    const { stdout } = await follow(blocksIn(before).at(-1) ?? '', folder)
    expect(stdout).toContain('nothing ran before, nothing is started')
    expect(started()).toHaveLength(3)
  })
})

describe('a command where the backups are', () => {
  test.each([
    [['backup', 'list'], 0],
    [['backup', 'remove', 'old-one'], 0],
    [['drill', 'damaged'], 1],
  ])('%j, beside the bot, once, and forgotten after a day', async (args, expected) => {
    await toCluster(running, 'single')
    const { code, output } = await grounds.run('job.ts', 'parley', ...args)
    expect([code, output]).toEqual([expected, expect.stringMatching(/^job\/[^]*logs of job/)])
    const [job] = Object.entries(grounds.cluster()).flatMap(([name, each]) =>
      name.startsWith('job/') ? [each] : [],
    )
    const { spec } = Object(job)
    expect(spec).toMatchObject({ backoffLimit: 0, ttlSecondsAfterFinished: 86_400 })
    expect(spec.template.spec.containers[0].args).toEqual(args)
    expect(spec.template.spec.affinity).toBeDefined()
  })

  test.each([[['backup', 'list']], [['backup', 'remove', 'old-one']], [['drill']]])(
    '%j, where no pod of the bot runs to be beside',
    async (args) => {
      await toCluster(running, 'single')
      grounds.change((kept) => Object.assign(kept['statefulset/parley']?.spec ?? {}, { replicas: 0 }))
      expect((await grounds.run('job.ts', 'parley', ...args)).code).toBe(0)
    },
  )

  test('one that does not start tells why, once, and is waited for', async () => {
    await toCluster(running, 'single')
    grounds.change((kept) => Reflect.deleteProperty(kept, 'persistentvolumeclaim/data-parley-0'))
    for (const [name, value] of Object.entries(grounds.env())) vi.stubEnv(name, value)
    const kubectl = kubectlIn('parley')
    const draft = await draftJob(kubectl, 'parley-drill', ['drill'])
    await makeJob(kubectl, draft)
    const said: string[] = []
    const waiting = { kubectl, name: 'parley-drill', otherwise: 'not over', tellAfterMs: 300 }
    const say = (line: string): void => void said.push(line)
    await expect(waitForJob({ ...waiting, withinMs: 3000, say })).rejects.toThrow('not over')
    expect(said).toEqual([
      expect.stringMatching(/^job\/parley-drill does not start:\nEvents:[^]*"data-parley-0" not found$/),
    ])
  })

  test('nothing else', async () => {
    for (const args of [[], ['parley'], ['parley', 'restore'], ['Parley', 'backup']])
      expect((await grounds.run('job.ts', ...args)).code).toBe(2)
  })
})
