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
    for (const workload of Object.keys(grounds.cluster()))
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
