import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { run } from './run.ts'

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
const jobs = z.looseObject({
  status: z.looseObject({ succeeded: z.number(), failed: z.number() }).partial().default({}),
})
const made = z.looseObject({
  metadata: z.looseObject({ name: z.string() }),
  spec: z.looseObject({
    template: z.looseObject({ spec: z.looseObject({ containers: z.array(z.looseObject({})) }) }),
  }),
})

/** How many there were is kept there, for a restore that is begun again. */
const annotation = 'parley/replicas'
const selector = 'app.kubernetes.io/name=parley'
const pauseMs = 2000
const stopMs = 180_000
const restoreMs = 4 * 3_600_000

export interface Restore {
  namespace: string
  /** Arguments of `parley restore`: which backup, and how. */
  args: readonly string[]
  say(line: string): void
}

/**
 * Stops every process of a namespace, restores by a job made of the backup's, and starts them again: also when the restore
 * failed, for then nothing was touched. Resolves with whether it was restored.
 */
export async function restoreInCluster({ namespace, args, say }: Restore): Promise<boolean> {
  const kubectl = (words: readonly string[], input?: string): Promise<string> =>
    run('kubectl', [...words, '-n', namespace], input)
  const workloads = await stop(kubectl, say)
  try {
    return await restored(kubectl, args, say)
  } finally {
    for (const { name, replicas } of workloads) await kubectl(['scale', name, `--replicas=${replicas}`])
    for (const { name } of workloads) await kubectl(['rollout', 'status', name, '--timeout=10m'])
    say('started again: every process is ready')
  }
}

type Kubectl = (words: readonly string[], input?: string) => Promise<string>

async function stop(kubectl: Kubectl, say: Restore['say']): Promise<{ name: string; replicas: number }[]> {
  const found = await kubectl(['get', 'deployment,statefulset', '-l', selector, '-o', 'json'])
  const workloads = lists.parse(JSON.parse(found)).items.map(({ kind, metadata, spec }) => ({
    name: `${kind.toLowerCase()}/${metadata.name}`,
    replicas: spec.replicas > 0 ? spec.replicas : Number(metadata.annotations[annotation] ?? 1),
  }))
  if (workloads.length === 0) throw new Error('Nothing of Parley is in this namespace')
  for (const { name, replicas } of workloads) {
    await kubectl(['annotate', name, '--overwrite', `${annotation}=${replicas}`])
    await kubectl(['scale', name, '--replicas=0'])
  }
  const running = ['get', 'pods', '-l', `${selector},app.kubernetes.io/component!=backup`, '-o', 'name']
  await until(stopMs, 'the processes did not end', async () => (await kubectl(running)).trim() === '')
  say(`stopped: ${workloads.map(({ name, replicas }) => `${name} (${replicas})`).join(', ')}`)
  return workloads
}

async function restored(kubectl: Kubectl, args: readonly string[], say: Restore['say']): Promise<boolean> {
  const name = `parley-restore-${Date.now().toString(36)}`
  const draft = await kubectl([
    'create',
    'job',
    name,
    '--from=cronjob/parley-backup',
    '--dry-run=client',
    '-o',
    'json',
  ])
  const job = made.parse(JSON.parse(draft))
  const { spec } = job.spec.template
  // Beside nobody, for nobody runs; and once.
  Object.assign(spec, { affinity: undefined })
  Object.assign(spec.containers[0] ?? {}, { args: ['restore', ...args] })
  Object.assign(job.spec, { backoffLimit: 0, activeDeadlineSeconds: restoreMs / 1000 })
  await kubectl(['apply', '-f', '-'], JSON.stringify(job))
  say(`restoring: job/${name}`)
  const status = async () => jobs.parse(JSON.parse(await kubectl(['get', 'job', name, '-o', 'json']))).status
  const isOver = async () => Object.values(await status()).some((count) => count === 1)
  await until(restoreMs, 'the restore did not end', isOver)
  say((await kubectl(['logs', `job/${name}`])).trimEnd())
  return (await status()).succeeded === 1
}

async function until(ms: number, otherwise: string, isSo: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + ms; !(await isSo()); await sleep(pauseMs))
    if (Date.now() > end) throw new Error(`${otherwise} within ${ms / 1000} s`)
}
