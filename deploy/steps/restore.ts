import { z } from 'zod'
import {
  alive,
  draftJob,
  jobsAtWork,
  jobState,
  type Kubectl,
  kubectlIn,
  logOf,
  makeJob,
  selector,
  until,
  waitForJob,
} from './job.ts'
import { takeAll } from './run.ts'

const lists = z.object({
  items: z.array(
    z.looseObject({
      kind: z.string(),
      metadata: z.looseObject({
        name: z.string(),
        annotations: z.record(z.string(), z.string()).default({}),
      }),
      spec: z.looseObject({ replicas: z.number() }),
    }),
  ),
})

/** How many there were is kept there, for a restore that is begun again. */
const annotation = 'parley/replicas'
const prefix = 'parley-restore-'
/** For processes to end, in milliseconds. */
const standardStopMs = 180_000
/** Of its time, for a job that is ended to end. */
const endingSeconds = 120

export interface Restore {
  namespace: string
  /** Arguments of `parley restore`: which backup, and how. */
  args: readonly string[]
  /** How long the restore may take. */
  withinMs: number
  say(line: string): void
  /** How long the processes may take to end, in milliseconds. */
  stopMs?: number
}

interface Stopped {
  /** As kubectl takes it. */
  name: string
  replicas: number
}

/**
 * Stops every process of a namespace, restores by a job made of the backup's, and starts them again: also when it was not
 * restored, for then nothing was touched. Resolves with whether it was. Throws, and leaves them stopped, where the job may
 * still be at work; begun again it waits for that one.
 */
export async function restoreInCluster(restore: Restore): Promise<boolean> {
  const { namespace, args, withinMs, say } = restore
  const kubectl = kubectlIn(namespace)
  const workloads = await find(kubectl)
  const before = (await jobsAtWork(kubectl)).find((each) => each.startsWith(prefix))
  const name = before ?? `${prefix}${Date.now().toString(36)}`
  const look = `kubectl logs -n ${namespace} -f job/${name}`
  let mayWork = before !== undefined
  try {
    await stop(kubectl, workloads, restore)
    const draft = before === undefined ? await draftOf(kubectl, name, args, withinMs) : undefined
    mayWork = true
    if (draft) await makeJob(kubectl, draft)
    say(`${draft ? 'restoring' : 'a restore is under way, waiting for it'}: job/${name} (${look})`)
    await waitForJob({ kubectl, name, withinMs, otherwise: 'the restore did not end', say })
    say(await logOf(kubectl, name).catch(() => `its log cannot be read: ${look}`))
  } catch (error) {
    say(`FAILED: ${error instanceof Error ? error.message : String(error)}`)
  }
  const state = mayWork ? await jobState(kubectl, name).catch(() => undefined) : over
  if (!state?.isOver)
    throw new Error(
      `job/${name} may still be restoring, so everything stays stopped\n→ look: ${look}; then give the same command again: it waits for this job (or restores once more, where that has ended), and starts everything`,
    )
  await start(kubectl, workloads, say)
  return state.succeeded
}

const over = { isOver: true, succeeded: false }

/** Throws where a restore is at work, or one has left what it stopped: whoever starts that must know that none works any more. */
export async function refuseDuringRestore(namespace: string): Promise<void> {
  const kubectl = kubectlIn(namespace)
  const job = (await jobsAtWork(kubectl)).find((each) => each.startsWith(prefix))
  const stopped = (await workloadsOf(kubectl)).find(
    ({ metadata, spec }) => spec.replicas === 0 && metadata.annotations[annotation] !== undefined,
  )
  if (job === undefined && !stopped) return
  const why =
    job === undefined ? `a restore has stopped ${stopped?.metadata.name}` : `job/${job} is restoring`
  throw new Error(
    `${why}: nothing may be started beside it\n→ wait until deploy/restore.ts has ended; where that said LOOK AT IT, do first what it says (given again it waits, or restores once more, and starts everything); where no restore is at work and it stands at none on purpose, take the annotation parley/replicas away`,
  )
}

async function workloadsOf(kubectl: Kubectl): Promise<z.infer<typeof lists>['items']> {
  const found = await kubectl(['get', 'deployment,statefulset', '-l', selector, '-o', 'json'])
  return lists.parse(JSON.parse(found)).items
}

/** What runs, or ran before a restore stopped it. What somebody has set to none stays at none. */
async function find(kubectl: Kubectl): Promise<Stopped[]> {
  const items = await workloadsOf(kubectl)
  if (items.length === 0)
    throw new Error(
      'Nothing of Parley is in this namespace\n→ where all of it is gone: docs/guides/kubernetes.md, Bringing a backup back',
    )
  return items
    .map(({ kind, metadata, spec }) => ({
      name: `${kind.toLowerCase()}/${metadata.name}`,
      replicas: spec.replicas > 0 ? spec.replicas : Number(metadata.annotations[annotation] ?? 0),
    }))
    .filter(({ replicas }) => replicas > 0)
}

async function stop(kubectl: Kubectl, workloads: readonly Stopped[], restore: Restore): Promise<void> {
  const { namespace, say, stopMs = standardStopMs } = restore
  for (const { name, replicas } of workloads) {
    await kubectl(['annotate', name, '--overwrite', `${annotation}=${replicas}`])
    await kubectl(['scale', name, '--replicas=0'])
  }
  const own = `${selector},app.kubernetes.io/component!=backup`
  const running = ['get', 'pods', '-l', own, '--field-selector', alive, '-o', 'name']
  const otherwise = `the processes did not end (kubectl get pods -n ${namespace} -o wide; is one on a node that died? docs/guides/kubernetes.md says what then)`
  await until(stopMs, otherwise, async () => (await kubectl(running)).trim() === '')
  say(
    `stopped: ${workloads.map(({ name, replicas }) => `${name} (${replicas})`).join(', ') || 'nothing ran'}`,
  )
}

async function draftOf(kubectl: Kubectl, name: string, args: readonly string[], withinMs: number) {
  const draft = await draftJob(kubectl, name, ['restore', ...args])
  // Beside nobody, for nobody runs.
  Object.assign(draft.spec.template.spec, { affinity: undefined })
  const activeDeadlineSeconds = Math.floor(withinMs / 1000) - endingSeconds
  Object.assign(draft.spec, { activeDeadlineSeconds })
  return draft
}

/** All that can be started are, also where one cannot. */
async function start(kubectl: Kubectl, workloads: readonly Stopped[], say: Restore['say']): Promise<void> {
  const starts = workloads.map(({ name, replicas }) => async () => {
    await kubectl(['scale', name, `--replicas=${replicas}`])
    await kubectl(['annotate', name, `${annotation}-`])
  })
  await takeAll(starts).catch((error: Error) => {
    throw new Error(`not everything was started again: ${error.message}`)
  })
  for (const { name } of workloads) await kubectl(['rollout', 'status', name, '--timeout=10m'])
  say(
    workloads.length > 0 ? 'started again: every process is ready' : 'nothing ran before, nothing is started',
  )
}
