import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { parse } from 'yaml'
import { readImage } from '../../deploy/steps/image.ts'
import { writeVersion } from '../../deploy/steps/overlay.ts'
import { imageName, imagesOf, other, running, useGrounds, version } from '../support/deploy.ts'

const grounds = useGrounds()

const toCluster = (image: string, where = 'scaled', url?: string) =>
  grounds.deploy(grounds.overlay(where), image, url)
const kustomizationOf = (where: string): string =>
  readFileSync(join(grounds.folder(), where, 'kustomization.yaml'), 'utf8')

describe('to a cluster', () => {
  test.each(['scaled', 'single'])('%s: every process gets the image, and it is verified', async (where) => {
    const { code, output } = await toCluster(running, where)
    expect([code, output]).toEqual([0, expect.stringContaining(`verified: ${version}`)])
    expect(imagesOf(grounds.cluster())).toEqual([running])
    const log = readFileSync(join(grounds.folder(), 'cluster.json.log'), 'utf8')
    const workloads = Object.keys(grounds.cluster()).filter((each) =>
      /^(deployment|statefulset)\//.test(each),
    )
    expect(workloads).not.toEqual([])
    for (const workload of workloads) expect(log).toContain(`rollout status ${workload} -n parley`)
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

  const host = { op: 'replace', path: '/spec/rules/0/host', value: 'elsewhere.example' }
  const patches = [{ target: { kind: 'Ingress' }, patch: JSON.stringify([host]) }]

  test('what a version brings around its processes goes with it, and what it changes is as it was', async () => {
    await toCluster(running)
    const before = grounds.cluster()
    const folder = grounds.overlay('scaled')
    const write = (name: string, what: object) => writeFileSync(join(folder, name), JSON.stringify(what))
    const metadata = { name: 'nobody-reaches-it', namespace: 'parley' }
    const policy = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata }
    write('policy.yaml', { ...policy, spec: { podSelector: {}, policyTypes: ['Ingress'] } })
    write('worker.yaml', { ...before['deployment/parley-worker'], metadata: { ...metadata, name: 'more' } })
    const { images, resources } = parse(kustomizationOf('scaled'))
    write('kustomization.yaml', { images, patches, resources: [...resources, 'policy.yaml', 'worker.yaml'] })
    const deploying = grounds.deploy(folder, other)
    await vi.waitFor(() => expect(imagesOf(grounds.cluster())).toEqual([other]), { timeout: 10_000 })
    const meanwhile = grounds.cluster()
    expect(Object.keys(meanwhile)).toEqual(
      expect.arrayContaining(['networkpolicy/nobody-reaches-it', 'deployment/more']),
    )
    expect(meanwhile['ingress/parley']?.spec).not.toEqual(before['ingress/parley']?.spec)
    expect((await deploying).code).toBe(1)
    expect(grounds.cluster()).toEqual(before)
  })

  test('what cannot be set back holds nothing else up, and is told', async () => {
    await toCluster(running)
    const before = grounds.cluster()
    const folder = grounds.overlay('scaled')
    const { images, resources } = parse(kustomizationOf('scaled'))
    writeFileSync(join(folder, 'kustomization.yaml'), JSON.stringify({ images, patches, resources }))
    Object.assign(grounds.env(), { FAKE_REFUSED: 'ingress/parley deployment/parley-api' })
    const { code, output } = await grounds.deploy(folder, other)
    expect([code, output]).toEqual([
      3,
      expect.stringMatching(
        /back: [^]*FAILED: .*failed calling webhook.*; .*failed calling webhook[^]*verified: [^]*before answers, but not all[^]*LOOK AT IT/,
      ),
    ])
    const stays = ['ingress/parley', 'deployment/parley-api']
    const restOf = (kept: object) => Object.entries(kept).filter(([name]) => !stays.includes(name))
    expect(restOf(grounds.cluster())).toEqual(restOf(before))
  })

  test('what a version leaves as it is needs no way back', async () => {
    await toCluster(running)
    Object.assign(grounds.env(), { FAKE_REFUSED: 'ingress/parley' })
    const { code, output } = await toCluster(other)
    expect([code, output]).toEqual([1, expect.stringContaining('what ran before runs again')])
  })

  test('the version that runs is written into the folder, and no other: `apply -k` brings no older one back', async () => {
    const { output } = await toCluster(running)
    expect(output).toMatch(/written: newTag: \S+ into \S+, where 0\.0\.1-0a1b2c3 stood; commit it/)
    const [, tag] = running.split(':')
    expect(kustomizationOf('scaled')).toMatch(
      new RegExp(`^# Of a tenant\\.\\n[^]* name: ${imageName}\\n    newTag: ${tag} # runs\\n`),
    )
    await toCluster(other)
    expect(kustomizationOf('scaled')).toContain('newTag: 0.0.1-0a1b2c3')
  })

  test('a folder that names no version gets one; what cannot be written is told', async () => {
    const folder = grounds.overlay('single')
    const path = join(folder, 'kustomization.yaml')
    const without = readFileSync(path, 'utf8').replace(/images:\n.*\n.*\n/, '')
    expect(without).not.toContain('newTag')
    writeFileSync(path, without)
    const image = readImage(running)
    expect(writeVersion(folder, image)).toContain('where nothing stood')
    expect(writeVersion(folder, image)).toBeUndefined()
    expect(parse(readFileSync(path, 'utf8')).images).toEqual([
      { name: imageName, newTag: running.split(':')[1] },
    ])
    vi.stubEnv('GITHUB_ACTIONS', 'true')
    writeFileSync(path, 'images: none')
    expect(writeVersion(folder, image)).toMatch(/^::warning::NOT WRITTEN .*do it by hand/)
    expect(writeVersion('https://github.com/example/parley//deploy', image)).toContain('is no folder here')
  })

  test('what somebody else has set meanwhile is left alone', async () => {
    await toCluster(running)
    const third = `${imageName}:3.0.0-abcdef012345`
    const deploying = toCluster(other)
    await vi.waitFor(() => expect(imagesOf(grounds.cluster())).toEqual([other]), { timeout: 10_000 })
    grounds.change((kept) => {
      for (const [name, each] of Object.entries(JSON.parse(JSON.stringify(kept).replaceAll(other, third))))
        Object.assign(kept, { [name]: each })
    })
    expect(await deploying).toEqual({
      code: 4,
      output: expect.stringMatching(/somebody else has set \S+3\.0\.0[^]*OVERTAKEN/),
    })
    expect(imagesOf(grounds.cluster())).toEqual([third])
  })

  test('an image beside it that a version brings is nobody else: back as well', async () => {
    await toCluster(running)
    const before = grounds.cluster()
    const folder = grounds.overlay('scaled')
    const { images, resources } = parse(kustomizationOf('scaled'))
    const value = { name: 'aside', image: 'busybox:1.36' }
    const patch = JSON.stringify([{ op: 'add', path: '/spec/template/spec/containers/-', value }])
    const aside = [{ target: { kind: 'Deployment', name: 'parley-worker' }, patch }]
    writeFileSync(join(folder, 'kustomization.yaml'), JSON.stringify({ images, patches: aside, resources }))
    const deploying = grounds.deploy(folder, other)
    await vi.waitFor(() => expect(JSON.stringify(grounds.cluster())).toContain('busybox'), {
      timeout: 10_000,
    })
    expect(await deploying).toEqual({
      code: 1,
      output: expect.stringContaining('what ran before runs again'),
    })
    expect(grounds.cluster()).toEqual(before)
  })

  test('back to something that did not answer before: only what answers now runs again', async () => {
    await toCluster(running)
    const { code, output } = await toCluster(other, 'scaled', 'http://127.0.0.1:9')
    expect([code, output]).toEqual([
      3,
      expect.stringMatching(/before: nothing that answers[^]*back: to what was set before[^]*LOOK AT IT/),
    ])
    expect(imagesOf(grounds.cluster())).toEqual([running])
  })

  test('a first installation that fails has no way back, and says so', async () => {
    const { code, output } = await toCluster(`${imageName}:9.9.9-bad0000`)
    expect([code, output]).toEqual([3, expect.stringContaining('LOOK AT IT')])
  })

  test('the autoscaler keeps its number of workers', async () => {
    await toCluster(running)
    grounds.change((kept) => {
      for (const name of ['worker', 'api'])
        Object.assign(kept[`deployment/parley-${name}`]?.spec ?? {}, { replicas: 9 })
    })
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
