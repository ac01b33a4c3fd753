import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { run, takeAll } from './run.ts'

const texts = z.record(z.string(), z.string()).optional()
export const manifest = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string().optional(),
    labels: texts,
    annotations: texts,
  }),
})
export type Manifest = z.infer<typeof manifest>

/** What leads people to the pods, keeps others away from them, and says how many there are. */
const around = new Set([
  'Service',
  'Ingress',
  'NetworkPolicy',
  'HorizontalPodAutoscaler',
  'PodDisruptionBudget',
])
/** These come and go as well; those that were there have a way back of their own. Nothing that holds data does. */
const workloads = new Set(['Deployment', 'StatefulSet', 'CronJob'])

/**
 * What a deployment changes around the templates of pods; resolves with the way back: what was there is as it was, what was
 * not goes. It is gone to its end, then what failed is thrown.
 */
export async function rememberAround(documents: readonly Manifest[]): Promise<() => Promise<void>> {
  const own = documents.filter(({ kind }) => around.has(kind) || workloads.has(kind))
  const found = await inCluster(own)
  const names = new Set(found.map(nameOf))
  const before = found.filter(({ kind }) => around.has(kind))
  const added = own.filter((each) => !names.has(nameOf(each)))
  return async () => {
    // Where nobody tells, everything is set back.
    const now = await inCluster(before).catch(() => [])
    const changed = before.filter((each) => !now.some((other) => isSame(each, other)))
    const remove = () => run('kubectl', ['delete', '-f', '-', '--ignore-not-found'], listOf(added))
    await takeAll([...changed.map((each) => () => setBack(each)), ...(added.length > 0 ? [remove] : [])])
  }
}

export const listOf = (items: readonly object[]): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'List', items })

/** Those of them that are in the cluster, as they are there. */
export async function inCluster(documents: readonly Manifest[]): Promise<Manifest[]> {
  const words = ['get', '-f', '-', '-o', 'json', '--ignore-not-found']
  const printed = await run('kubectl', words, listOf(documents))
  return printed.trim() === '' ? [] : z.object({ items: z.array(manifest) }).parse(JSON.parse(printed)).items
}

/** What tells one from all others. */
export const nameOf = ({ kind, metadata }: Manifest): string =>
  `${kind} ${metadata.namespace ?? ''}/${metadata.name}`

/** What is set back, and no more: a state goes on changing. */
const isSame = (one: Manifest, other: Manifest): boolean =>
  nameOf(one) === nameOf(other) && isDeepStrictEqual(changesOf(one), changesOf(other))

const changesOf = ({ metadata, spec }: Manifest) => [
  { op: 'add', path: '/metadata/labels', value: metadata.labels ?? {} },
  { op: 'add', path: '/metadata/annotations', value: metadata.annotations ?? {} },
  { op: 'replace', path: '/spec', value: spec },
]

/** Not by `apply` or `replace`: what the cluster has filled in would count as ours from then on. */
async function setBack(each: Manifest): Promise<void> {
  const patch = JSON.stringify(changesOf(each))
  await run('kubectl', ['patch', '-f', '-', '--type=json', '-p', patch], JSON.stringify(each))
}
