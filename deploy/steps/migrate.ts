import { z } from 'zod'
import { inCluster, listOf, type Manifest, nameOf } from './around.ts'
import { type Kubectl, kubectlIn, logOf, placeJob, waitForJob } from './job.ts'

const named = z.looseObject({ name: z.string() })
const backup = z.looseObject({
  spec: z.looseObject({
    jobTemplate: z.looseObject({
      spec: z.looseObject({
        template: z.looseObject({
          metadata: z.looseObject({ labels: z.record(z.string(), z.string()) }),
          spec: z.looseObject({
            containers: z
              .tuple([z.looseObject({ volumeMounts: z.array(named).default([]) })])
              .rest(z.looseObject({})),
            volumes: z.array(named).default([]),
          }),
        }),
      }),
    }),
  }),
})

/** For an image to be fetched and a node to be found, in milliseconds. */
const startMs = 600_000
/** A job that nobody removed is forgotten after a day. */
const keptSeconds = 86_400

export interface Migration {
  namespace: string
  /** What will be set, of the new version. */
  manifests: readonly Manifest[]
  say(line: string): void
  /** For the job to start; it may work for as long as it takes. */
  startMs?: number
  /** Ends it; the job is removed, and the database takes back what it was at. */
  stopped?: AbortSignal | undefined
}

/**
 * Brings what the schema lacks and the version before works on as well, while that one runs, by a job of the new version, however
 * long that takes; what contracts is left to the start. Throws where it does not succeed; nothing of it is left then, or it is said what.
 */
export async function migrateBefore(migration: Migration): Promise<void> {
  const { namespace, manifests, say } = migration
  const kubectl = kubectlIn(namespace)
  const name = `parley-migrate-${Date.now().toString(36)}`
  const job = draftOf(manifests, name)
  if (!job) return say('no cronjob/parley-backup to make a job of: the schema is left to the start')
  await placeJob(kubectl, job)
  const configuration = await absent(manifests.filter(({ kind }) => kind === 'ConfigMap'))
  const remove = (items: readonly object[]) =>
    kubectl(['delete', '-f', '-', '--ignore-not-found'], listOf(items))
  try {
    await kubectl(['apply', '-f', '-'], listOf([...configuration, job]))
    say(`schema: job/${name} (kubectl logs -n ${namespace} -f job/${name})`)
    say(await logOfEnded(kubectl, name, migration))
  } catch (error) {
    await remove([...configuration, job]).catch(() =>
      say(`job/${name} may go on, it could not be removed (kubectl delete -n ${namespace} job/${name})`),
    )
    throw error
  }
  // It is forgotten after a day anyway.
  await remove([job]).catch(() => undefined)
}

/** What a job said that has succeeded; throws for one that has not. */
async function logOfEnded(kubectl: Kubectl, name: string, migration: Migration): Promise<string> {
  const { say, startMs: withinMs = startMs, stopped } = migration
  const waiting = { kubectl, name, say, stopped }
  await waitForJob({ ...waiting, withinMs, otherwise: `job/${name} did not start`, orStarted: true })
  const { succeeded } = await waitForJob({ ...waiting, withinMs: Infinity, otherwise: 'it did not end' })
  const log = await logOf(kubectl, name).catch(String)
  if (succeeded) return log
  throw new Error(`the schema could not be brought to what the new version needs: ${log}`)
}

/** The job of backups has environment, secrets, data and its place; of it all but the place of backups. */
function draftOf(manifests: readonly Manifest[], name: string) {
  const own = manifests.find(({ kind, metadata }) => kind === 'CronJob' && metadata.name === 'parley-backup')
  if (!own) return undefined
  const { spec } = structuredClone(backup.parse(own).spec.jobTemplate)
  const { metadata, spec: pod } = spec.template
  const isOther = (each: { name: string }): boolean => each.name !== 'backups'
  const [container] = pod.containers
  Object.assign(container, {
    args: ['migrate', 'up', '--expanding'],
    volumeMounts: container.volumeMounts.filter(isOther),
  })
  Object.assign(pod, { volumes: pod.volumes.filter(isOther) })
  Object.assign(metadata.labels, { 'app.kubernetes.io/component': 'migrate' })
  const limits = { backoffLimit: 0, activeDeadlineSeconds: undefined, ttlSecondsAfterFinished: keptSeconds }
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace: own.metadata.namespace, labels: { ...metadata.labels } },
    spec: { ...spec, ...limits },
  }
}

/** The configuration of the new version has a name of its own; nothing that runs uses it. */
async function absent(manifests: readonly Manifest[]): Promise<Manifest[]> {
  const found = new Set((await inCluster(manifests)).map(nameOf))
  return manifests.filter((each) => !found.has(nameOf(each)))
}
