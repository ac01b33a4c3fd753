import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { imageName, imagesOf, other, running, useGrounds, version } from '../support/deploy.ts'

const grounds = useGrounds()

const overlay = (where: string) => `deploy/kubernetes/overlays/${where}`
const toCluster = (image: string, where = 'scaled') =>
  grounds.run(
    'deploy.ts',
    'kubernetes',
    overlay(where),
    '--image',
    image,
    '--url',
    grounds.address(),
    '--within',
    '1.5',
  )

describe('to a cluster', () => {
  test.each(['scaled', 'single'])('%s: every process gets the image, and it is verified', async (where) => {
    const { code, output } = await toCluster(running, where)
    expect([code, output]).toEqual([0, expect.stringContaining(`verified: ${version}`)])
    expect(imagesOf(grounds.cluster())).toEqual([running])
    const log = readFileSync(join(grounds.folder(), 'cluster.json.log'), 'utf8')
    for (const workload of Object.keys(grounds.cluster()).filter((each) => !each.startsWith('cronjob/')))
      expect(log).toContain(`rollout status ${workload} -n parley`)
  })

  test('a version that never gets ready: back to the one before, exactly', async () => {
    await toCluster(running)
    const before = grounds.cluster()
    const { code, output } = await toCluster(`${imageName}:9.9.9-bad0000`)
    expect([code, output]).toEqual([
      1,
      expect.stringMatching(/FAILED: .*timed out[^]*back: to[^]*what ran before runs again/),
    ])
    expect(grounds.cluster()).toEqual(before)
  })

  test('a version that gets ready and is not seen from outside: back as well', async () => {
    await toCluster(running)
    const before = grounds.cluster()
    const { code, output } = await toCluster(other)
    expect([code, output]).toEqual([
      1,
      expect.stringMatching(/FAILED: .*not 9\.9\.9[^]*back: to[^]*verified: /),
    ])
    expect(grounds.cluster()).toEqual(before)
  })

  test('a first installation that fails has no way back, and says so', async () => {
    const { code, output } = await toCluster(`${imageName}:9.9.9-bad0000`)
    expect([code, output]).toEqual([3, expect.stringContaining('LOOK AT IT')])
  })

  test('the autoscaler keeps its number of workers', async () => {
    await toCluster(running)
    const kept = grounds.cluster()
    Object.assign(kept['deployment/parley-worker']?.spec ?? {}, { replicas: 9 })
    Object.assign(kept['deployment/parley-api']?.spec ?? {}, { replicas: 9 })
    writeFileSync(join(grounds.folder(), 'cluster.json'), JSON.stringify(kept))
    await toCluster(running)
    expect(grounds.cluster()['deployment/parley-worker']?.spec.replicas).toBe(9)
    expect(grounds.cluster()['deployment/parley-api']?.spec.replicas).toBe(3)
  })

  test('nothing is changed for a tag that moves, another image, or a cluster that does not answer', async () => {
    for (const image of [`${imageName}:latest`, imageName, `${imageName}:main`, `${imageName}:1.2.3`])
      expect(await toCluster(image)).toEqual({
        code: 2,
        output: expect.stringContaining('is not NAME:VERSION-COMMIT'),
      })
    expect((await toCluster('ghcr.io/acme/other:1.2.3-abcdef0')).output).toContain(
      'No manifest of this overlay uses',
    )
    rmSync(join(grounds.folder(), 'bin/kubectl'))
    expect(await toCluster(running)).toEqual({
      code: 1,
      output: expect.stringContaining('nothing was changed'),
    })
  })
})

describe('a backup brought back', () => {
  const restore = (...args: string[]) => grounds.run('restore.ts', ...args)
  const replicas = () =>
    Object.fromEntries(
      Object.entries(grounds.cluster()).flatMap(([name, { spec }]) =>
        spec.replicas > 0 ? [[name, spec.replicas]] : [],
      ),
    )
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
      expect(replicas()).toEqual(before)
      const [name = ''] = Object.keys(grounds.cluster()).filter((each) => each.startsWith('job/'))
      const { spec } = Object(grounds.cluster()[name])
      expect(spec.template.spec.containers[0].args).toEqual([
        'restore',
        'parley-2026-11-26T033000Z.3f9a1c2b.tar.gz',
        '--force',
      ])
      expect([spec.backoffLimit, spec.template.spec.affinity]).toEqual([0, undefined])
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
    const kept = grounds.cluster()
    for (const [name, count] of Object.entries(before)) {
      const workload = Object(kept[name])
      workload.spec.replicas = 0
      workload.metadata.annotations = { 'parley/replicas': String(count) }
    }
    writeFileSync(join(grounds.folder(), 'cluster.json'), JSON.stringify(kept))
    expect((await restore('parley')).code).toBe(0)
    expect(replicas()).toEqual(before)
  })

  test('wrong usage, and a namespace without Parley', async () => {
    for (const args of [[], ['Parley'], ['parley', '--all']]) expect((await restore(...args)).code).toBe(2)
    expect(await restore('other')).toEqual({ code: 3, output: expect.stringContaining('Nothing of Parley') })
  })
})
