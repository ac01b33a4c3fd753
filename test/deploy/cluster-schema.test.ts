import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { parse } from 'yaml'
import { migrateBefore } from '../../deploy/steps/migrate.ts'
import { imageName, imagesOf, other, running, useGrounds } from '../support/deploy.ts'
import { readManifests } from '../support/kubernetes/manifest.ts'
import { render } from '../support/kustomize.ts'

const grounds = useGrounds()

describe('the schema, before anything is set', () => {
  const migration = () =>
    Object.entries(grounds.cluster()).find(([name]) => name.startsWith('job/parley-migrate-'))?.[1]
  const log = () => readFileSync(join(grounds.folder(), 'cluster.json.log'), 'utf8')
  const atWork = (questions: number) =>
    vi.waitFor(() => expect(log().match(/^get job parley-migrate-/gm)?.length).toBeGreaterThan(questions), {
      timeout: 10_000,
    })
  const release = () => writeFileSync(join(grounds.folder(), 'cluster.json.released'), '')
  /** A folder whose configuration is another, under a name of its own. */
  const changed = (where: string): string => {
    const folder = grounds.overlay(where)
    const configMapGenerator = [
      { name: 'parley-environment', behavior: 'merge', literals: ['LOG_LEVEL=debug'] },
    ]
    const before = parse(readFileSync(join(folder, 'kustomization.yaml'), 'utf8'))
    writeFileSync(join(folder, 'kustomization.yaml'), JSON.stringify({ ...before, configMapGenerator }))
    return folder
  }

  test.each(['scaled', 'single'])(
    '%s: by a job of the new version and its settings, for as long as it works',
    async (where) => {
      await grounds.deploy(grounds.overlay(where), running)
      const before = grounds.cluster()
      const folder = changed(where)
      Object.assign(grounds.env(), { FAKE_MIGRATION: 'works' })
      const deploying = grounds.deploy(folder, other)
      await atWork(3)
      const { spec } = Object(migration())
      const { containers, volumes, affinity } = spec.template.spec
      expect(containers).toMatchObject([{ image: other, args: ['migrate', 'up', '--expanding'] }])
      expect([spec.activeDeadlineSeconds, spec.backoffLimit]).toEqual([undefined, 0])
      expect(JSON.stringify(volumes)).not.toContain('parley-backups')
      expect([where, affinity !== undefined]).toEqual([where, where === 'single'])
      const { name } = containers[0].envFrom[0].configMapRef
      expect([before, grounds.cluster()].map((each) => `configmap/${name}` in each)).toEqual([false, true])
      expect(grounds.cluster()).toMatchObject(before)
      release()
      const { output } = await deploying
      expect(output).toMatch(/before: [^]*schema: job[^]*logs of job[^]*set: [^]*back: to/)
      expect(migration()).toBeUndefined()
    },
  )

  test('where it fails, nothing was changed', async () => {
    await grounds.deploy(grounds.overlay('scaled'), running)
    const before = grounds.cluster()
    Object.assign(grounds.env(), { FAKE_MIGRATION: 'fails' })
    expect(await grounds.deploy(changed('scaled'), other)).toEqual({
      code: 1,
      output: expect.stringMatching(/FAILED: the schema [^]*: logs of job[^]*nothing was changed/),
    })
    expect(grounds.cluster()).toEqual(before)
  })

  test('where it cannot be removed either, that is told', async () => {
    await grounds.deploy(grounds.overlay('scaled'), running)
    Object.assign(grounds.env(), { FAKE_MIGRATION: 'fails', FAKE_REFUSED: 'delete' })
    expect(await grounds.deploy(changed('scaled'), other)).toEqual({
      code: 1,
      output: expect.stringMatching(
        /\n(job\/\S+) may go on, it could not be removed.*kubectl delete -n parley \1[^]*nothing was changed/,
      ),
    })
  })

  test('where it does not start, that ends, and nothing is left of it', async () => {
    await grounds.deploy(grounds.overlay('single'), running)
    grounds.change((kept) => Reflect.deleteProperty(kept, 'persistentvolumeclaim/data-parley-0'))
    const before = grounds.cluster()
    for (const [name, value] of Object.entries(grounds.env())) vi.stubEnv(name, value)
    const manifests = readManifests(await render(changed('single')))
    const migrating = migrateBefore({ namespace: 'parley', manifests, say: () => undefined, startMs: 500 })
    await expect(migrating).rejects.toThrow(/did not start within 0.5 s/)
    expect(grounds.cluster()).toEqual(before)
  })

  test('what somebody else has set meanwhile is left alone, and so is a restore that has begun', async () => {
    await grounds.deploy(grounds.overlay('scaled'), running)
    Object.assign(grounds.env(), { FAKE_MIGRATION: 'works' })
    const meanwhile = async (change: Parameters<typeof grounds.change>[0]) => {
      const asked = log().match(/^get job parley-migrate-/gm)?.length ?? 0
      const deploying = grounds.deploy(grounds.overlay('scaled'), other)
      await atWork(asked + 1)
      grounds.change(change)
      release()
      return deploying.finally(() => rmSync(join(grounds.folder(), 'cluster.json.released')))
    }
    const stopped = await meanwhile((kept) => {
      Object.assign(kept['deployment/parley-api']?.spec ?? {}, { replicas: 0 })
      Object.assign(kept['deployment/parley-api']?.metadata ?? {}, {
        annotations: { 'parley/replicas': '3' },
      })
    })
    expect(stopped).toEqual({
      code: 1,
      output: expect.stringMatching(/FAILED: a restore has stopped parley-api[^]*nothing was changed/),
    })
    await grounds.run('restore.ts', 'parley')
    const third = `${imageName}:3.0.0-abcdef012345`
    const overtaken = await meanwhile((kept) =>
      Object.assign(kept, JSON.parse(JSON.stringify(kept).replaceAll(running, third))),
    )
    expect(overtaken).toEqual({ code: 4, output: expect.stringContaining('OVERTAKEN') })
    expect(imagesOf(grounds.cluster())).toEqual([third])
  })
})
