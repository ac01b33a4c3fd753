import { parseAllDocuments } from 'yaml'
import { z } from 'zod'
import { listOf, type Manifest, manifest, rememberAround } from './around.ts'
import type { Image } from './image.ts'
import { migrateBefore } from './migrate.ts'
import { writeVersion } from './overlay.ts'
import { refuseDuringRestore } from './restore.ts'
import type { Target } from './roll.ts'
import { run, takeAll } from './run.ts'

const template = z.looseObject({})
const workload = z.looseObject({
  kind: z.enum(['Deployment', 'StatefulSet']),
  metadata: z.looseObject({ name: z.string() }),
  spec: z.looseObject({ replicas: z.number().optional(), template }),
})
const cronJob = z.looseObject({
  kind: z.literal('CronJob'),
  metadata: z.looseObject({ name: z.string() }),
  spec: z.looseObject({ jobTemplate: template }),
})
const list = z.object({ items: z.array(z.union([workload, cronJob])) })
type Kept = z.infer<typeof workload> | z.infer<typeof cronJob>
type Workload = z.infer<typeof workload>

const selector = 'app.kubernetes.io/name=parley'

/** How long one workload may take to roll, there or back; the workflow has time for all of them. */
export const rollMinutes = 10

/** An overlay of deploy/kubernetes (or a tenant's folder) in the cluster that kubectl speaks to. */
export function createKubernetesTarget(overlay: string): Target {
  let rendered: ReturnType<typeof render> | undefined
  /** What this deployment sets, of Parley and beside it (a sidecar, an init container). */
  let own: string[] = []
  const manifestsOf = () => (rendered ??= render(overlay))

  async function live(): Promise<Kept[]> {
    const { namespace } = await manifestsOf()
    const words = ['get', 'deployment,statefulset,cronjob', '-n', namespace, '-l', selector, '-o', 'json']
    const printed = await run('kubectl', [...words, '--ignore-not-found'])
    return printed.trim() === '' ? [] : list.parse(JSON.parse(printed)).items
  }

  async function settle(kept: readonly Kept[], stopped?: AbortSignal): Promise<void> {
    const { namespace } = await manifestsOf()
    for (const each of kept.filter(isWorkload)) {
      const words = ['rollout', 'status', nameOf(each), '-n', namespace, `--timeout=${rollMinutes}m`]
      await run('kubectl', words, '', stopped)
    }
  }

  /** The whole template: image, and the configuration by its name. */
  async function back(state: readonly Kept[]): Promise<void> {
    const { namespace } = await manifestsOf()
    const setBack = (each: Kept) => () => {
      const [path, value] = isWorkload(each)
        ? ['/spec/template', each.spec.template]
        : ['/spec/jobTemplate', each.spec.jobTemplate]
      const patch = [{ op: 'replace', path, value }]
      const args = ['patch', nameOf(each), '-n', namespace, '--type=json', '--patch-file=/dev/stdin']
      return run('kubectl', args, JSON.stringify(patch))
    }
    await takeAll([...state.map(setBack), () => settle(state)])
  }

  return {
    async remember() {
      const found = await live()
      if (found.length === 0) return undefined
      const { namespace, documents } = await manifestsOf()
      await refuseDuringRestore(namespace)
      const backAround = await rememberAround(documents)
      return () => takeAll([backAround, () => back(found)])
    },
    current: async () =>
      (await live()).flatMap(({ spec }) => imagesIn(spec)).filter((each) => !own.includes(each)),
    keep: async (image) => writeVersion(overlay, image),
    async prepare(image, say, stopped) {
      if ((await live()).length === 0) return
      const { namespace, documents } = await manifestsOf()
      await migrateBefore({ namespace, manifests: withImage(documents, image), say, stopped })
      // One may have begun meanwhile.
      await refuseDuringRestore(namespace)
    },
    async set(image, stopped) {
      const { documents } = await manifestsOf()
      const manifests = withImage(documents, image)
      keepScaled(manifests, (await live()).filter(isWorkload))
      own = manifests.flatMap(imagesIn)
      await run('kubectl', ['apply', '-f', '-'], listOf(manifests), stopped)
      await settle(
        manifests.flatMap((each) => workload.safeParse(each).data ?? []),
        stopped,
      )
    },
  }
}

const isWorkload = (kept: Kept): kept is Workload => kept.kind !== 'CronJob'
const nameOf = ({ kind, metadata }: Kept): string => `${kind.toLowerCase()}/${metadata.name}`

async function render(overlay: string): Promise<{ namespace: string; documents: Manifest[] }> {
  const printed = await run('kubectl', ['kustomize', overlay])
  const documents = parseAllDocuments(printed).map((document) => manifest.parse(document.toJS()))
  const namespace = documents.find(({ metadata }) => metadata.namespace !== undefined)?.metadata.namespace
  if (namespace === undefined) throw new Error(`${overlay} names no namespace`)
  return { namespace, documents }
}

/** The images a manifest names, wherever it does. */
function imagesIn(manifest: object): string[] {
  const found: string[] = []
  JSON.stringify(manifest, (key, value) => {
    if (key === 'image' && typeof value === 'string') found.push(value)
    return value
  })
  return found
}

/** The manifests with every tag of this image replaced. Throws when none uses it. */
function withImage(documents: readonly Manifest[], { name, reference }: Image): Manifest[] {
  let count = 0
  const replaced: Manifest[] = JSON.parse(JSON.stringify(documents), (key, value) => {
    if (key !== 'image' || typeof value !== 'string' || value.replace(/[:@][^/]*$/, '') !== name) return value
    count += 1
    return reference
  })
  if (count === 0) throw new Error(`No manifest of this overlay uses the image ${name}; name it under images`)
  return replaced
}

const autoscaler = z.looseObject({
  kind: z.literal('HorizontalPodAutoscaler'),
  spec: z.looseObject({ scaleTargetRef: z.looseObject({ name: z.string() }) }),
})

/** How many there are is the autoscaler's, once they run: a new version must not take workers away under load. */
function keepScaled(manifests: readonly Manifest[], live: readonly Workload[]): void {
  const scaled = new Set(
    manifests.flatMap((each) => autoscaler.safeParse(each).data?.spec.scaleTargetRef.name ?? []),
  )
  for (const each of manifests) {
    const replicas = live.find(({ metadata }) => metadata.name === each.metadata.name)?.spec.replicas
    if (each.kind !== 'Deployment' || !scaled.has(each.metadata.name) || replicas === undefined) continue
    Object.assign(Object(each['spec']), { replicas })
  }
}
