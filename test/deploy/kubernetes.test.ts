import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { rollMinutes } from '../../deploy/steps/kubernetes.ts'
import { checkApplication, checkInstallation } from '../support/kubernetes/check.ts'
import {
  allContainers,
  isParley,
  type Manifest,
  pods,
  readManifests,
} from '../support/kubernetes/manifest.ts'
import { checkSchemas } from '../support/kubernetes/schemas.ts'
import { render } from '../support/kustomize.ts'

const kubernetes = join(import.meta.dirname, '../../deploy/kubernetes')
const components = ['whisper', 'monitoring', 'network-policy', 'canary', 'external-secrets']

let scratch = ''
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'parley-overlay-'))
})
afterAll(() => rm(scratch, { recursive: true }))

/** `scaled` with components, as an operator writes it. */
async function withComponents(names: readonly string[], more: object = {}): Promise<Manifest[]> {
  const to = (path: string): string => relative(scratch, join(kubernetes, path))
  const canary = { name: 'parley-canary', newName: 'ghcr.io/example/parley', newTag: '0.2.0-abcdef0' }
  const kustomization = {
    namespace: 'with-components',
    resources: [to('overlays/scaled')],
    components: names.map((name) => to(`components/${name}`)),
    images: [canary],
    ...more,
  }
  await writeFile(join(scratch, 'kustomization.yaml'), JSON.stringify(kustomization))
  return readManifests(await render(scratch))
}

const overlay = async (name: string): Promise<Manifest[]> =>
  readManifests(await render(join(kubernetes, 'overlays', name)))

async function problemsOf(manifests: Manifest[]): Promise<string[]> {
  const unknown = await checkSchemas(manifests)
  const schema = [...unknown].flatMap(([index, texts]) =>
    texts.map((text) => `${manifests[index]?.kind} ${manifests[index]?.metadata.name}: ${text}`),
  )
  return [...schema, ...(await checkInstallation(manifests))]
}

test.each(['single', 'scaled', 'staging'])('overlay %s', async (name) => {
  expect(await problemsOf(await overlay(name))).toEqual([])
})

test.each(components)('component %s', async (name) => {
  const before = await withComponents([])
  const after = await withComponents([name])
  expect(after.length).toBeGreaterThan(before.length)
  expect(await problemsOf(after)).toEqual([])
})

test('the patch of the guide gives both of the monitoring the label that kube-prometheus-stack looks for', async () => {
  const guide = await readFile(join(kubernetes, '../../docs/guides/kubernetes.md'), 'utf8')
  const [, patches = ''] = /^```yaml\n(patches:\n[^]*?)^```$/m.exec(guide) ?? []
  const manifests = await withComponents(['monitoring'], parse(patches))
  const labelled = manifests.filter(({ metadata }) => metadata.labels?.['release'] !== undefined)
  expect(labelled.map(({ kind }) => kind).toSorted()).toEqual(['PodMonitor', 'PrometheusRule'])
})

test('all components together', async () => {
  expect(await problemsOf(await withComponents(components))).toEqual([])
})

test('the workflow is not stopped half-way back, however slowly all of them roll', async () => {
  const file = join(kubernetes, '../../.github/workflows/deploy.yml')
  const minutes = parse(await readFile(file, 'utf8')).jobs.deploy['timeout-minutes']
  const rolling = (await withComponents(components)).filter(({ kind }) =>
    ['Deployment', 'StatefulSet'].includes(kind),
  )
  // Besides: looking, verifying what is set, and what was set before; and a migration, which may take hours.
  expect(minutes).toBeGreaterThan(2 * rollMinutes * rolling.length + 15 + 180)
  // As long as GitHub lets a job run.
  expect(minutes).toBeLessThanOrEqual(360)
})

test('the Application of Argo CD', async () => {
  const manifests = readManifests(await readFile(join(kubernetes, '../argocd/application.yaml'), 'utf8'))
  expect([...(await checkSchemas(manifests))]).toEqual([])
  expect(checkApplication(manifests)).toEqual([])
})

test('the image of the Application is the one that runs, as Argo CD sets it', async () => {
  const [manifest] = readManifests(await readFile(join(kubernetes, '../argocd/application.yaml'), 'utf8'))
  const { path, kustomize } = Object(manifest?.spec).source
  const [image = ''] = kustomize.images
  await cp(kubernetes, join(scratch, 'deploy/kubernetes'), { recursive: true })
  const file = join(scratch, path, 'kustomization.yaml')
  const before = parse(await readFile(file, 'utf8'))
  await writeFile(file, JSON.stringify({ ...before, images: setImage(before.images, image) }))
  const own = pods(readManifests(await render(join(scratch, path)))).filter(isParley)
  const images = own.flatMap((each) => allContainers(each).map((container) => container.image))
  expect([...new Set(images)]).toEqual([image.split('=')[1]])
})

/** `kustomize edit set image`, by which Argo CD does it: one entry for a name, and all of them in the order of their names. */
function setImage(images: { name: string }[], override: string): object[] {
  const [, name = '', newName, newTag] = /^(.*)=(.*):(.*)$/.exec(override) ?? []
  return [...images.filter((each) => each.name !== name), { name, newName, newTag }].toSorted((a, b) =>
    a.name < b.name ? -1 : 1,
  )
}

test('the example of secrets has only names that exist, and no values', async () => {
  const text = await readFile(join(kubernetes, 'secret.example.env'), 'utf8')
  const { environmentNames } = await import('../../src/config/names.ts')
  const secrets = new Set(environmentNames.filter(({ secret }) => secret).map(({ name }) => name))
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  expect(lines.length).toBeGreaterThan(3)
  for (const line of lines)
    expect([line, secrets.has(line.slice(0, -1)), line.at(-1)]).toEqual([line, true, '='])
})

describe('what the product asks for', () => {
  test('scaled: three api, five workers with three to ten by cpu and memory, one poller', async () => {
    const manifests = await overlay('scaled')
    const replicas = manifests.flatMap(({ kind, metadata, spec }) =>
      kind === 'Deployment' ? [[metadata.name, Object(spec).replicas]] : [],
    )
    expect(Object.fromEntries(replicas)).toEqual({ 'parley-api': 3, 'parley-worker': 5, 'parley-poller': 1 })
    const scaler = manifests.find(({ kind }) => kind === 'HorizontalPodAutoscaler')
    expect(scaler?.spec).toMatchObject({
      minReplicas: 3,
      maxReplicas: 10,
      metrics: [
        { resource: { name: 'cpu', target: { averageUtilization: 70 } } },
        { resource: { name: 'memory', target: { averageUtilization: 80 } } },
      ],
    })
  })

  test('every process migrates before it starts, in the same image', async () => {
    for (const manifest of [...(await overlay('scaled')), ...(await overlay('single'))]) {
      if (!['Deployment', 'StatefulSet'].includes(manifest.kind)) continue
      const { initContainers, containers } = Object(manifest.spec).template.spec
      expect(initContainers).toMatchObject([{ args: ['migrate', 'up'], image: containers[0].image }])
    }
  })
})

test('an unknown field and a wrong value are found in a manifest of every kind', async () => {
  const application = readManifests(await readFile(join(kubernetes, '../argocd/application.yaml'), 'utf8'))
  const all = [...(await overlay('single')), ...(await withComponents(components)), ...application]
  const ofEachKind = [...new Map(all.map((manifest) => [manifest.kind, manifest])).values()]
  expect(ofEachKind.length).toBeGreaterThanOrEqual(13)
  const unknown = ofEachKind.map((each) =>
    each.spec === undefined ? { ...each, nonsense: 1 } : { ...each, spec: { ...each.spec, nonsense: 1 } },
  )
  const wrong = ofEachKind.map((each) => ({ ...each, metadata: { ...each.metadata, labels: { a: 1 } } }))
  const findings = await checkSchemas([...unknown, ...(wrong as unknown as Manifest[])])
  for (const [index, { kind }] of ofEachKind.entries()) {
    expect([kind, findings.get(index)?.join()]).toEqual([kind, expect.stringContaining('"nonsense"')])
    expect([kind, findings.get(ofEachKind.length + index)?.join()]).toEqual([
      kind,
      expect.stringMatching(/string/),
    ])
  }
})

test('a kustomization with an unknown field, or a component that is not there, is not rendered', async () => {
  const write = (text: object) => writeFile(join(scratch, 'kustomization.yaml'), JSON.stringify(text))
  const resources = [relative(scratch, join(kubernetes, 'overlays/single'))]
  await write({ resources, componentz: [] })
  await expect(render(scratch)).rejects.toThrow('componentz')
  await write({ resources, components: ['nowhere'] })
  await expect(render(scratch)).rejects.toThrow('nowhere')
})
