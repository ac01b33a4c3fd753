import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { run } from './run.ts'

/** kubectl in one namespace; resolves with what it printed. */
export type Kubectl = (words: readonly string[], input?: string) => Promise<string>

export const kubectlIn =
  (namespace: string): Kubectl =>
  (words, input) =>
    run('kubectl', [...words, '-n', namespace], input)

const count = z.number().default(0)
const job = z.looseObject({
  metadata: z.looseObject({ name: z.string() }),
  status: z
    .looseObject({
      active: count,
      terminating: count,
      succeeded: count,
      failed: count,
      conditions: z.array(z.looseObject({ type: z.string(), status: z.string() })).default([]),
    })
    .prefault({}),
})
const made = z.looseObject({
  spec: z.looseObject({
    template: z.looseObject({ spec: z.looseObject({ containers: z.array(z.looseObject({})) }) }),
  }),
})
export type Draft = z.infer<typeof made>

export interface JobState {
  /** Nothing of it works any more, or will. */
  isOver: boolean
  succeeded: boolean
}

/** Where the backups can be reached: a job like the nightly one, with other arguments, and once. Not made yet. */
export async function draftJob(kubectl: Kubectl, name: string, args: readonly string[]): Promise<Draft> {
  const words = ['create', 'job', name, '--from=cronjob/parley-backup', '--dry-run=client', '-o', 'json']
  const draft = made.parse(JSON.parse(await kubectl(words)))
  Object.assign(draft.spec.template.spec.containers[0] ?? {}, { args })
  Object.assign(draft.spec, { backoffLimit: 0 })
  return draft
}

export const makeJob = async (kubectl: Kubectl, draft: Draft): Promise<void> =>
  void (await kubectl(['apply', '-f', '-'], JSON.stringify(draft)))

/** How a job is; one that is not there is over. */
export async function jobState(kubectl: Kubectl, name: string): Promise<JobState> {
  const found = await kubectl(['get', 'job', name, '-o', 'json', '--ignore-not-found'])
  return found.trim() === '' ? { isOver: true, succeeded: false } : stateOf(job.parse(JSON.parse(found)))
}

/** Names of the jobs that are not over. */
export async function jobsAtWork(kubectl: Kubectl): Promise<string[]> {
  const found = z
    .object({ items: z.array(job) })
    .parse(JSON.parse(await kubectl(['get', 'jobs', '-o', 'json'])))
  return found.items.filter((each) => !stateOf(each).isOver).map(({ metadata }) => metadata.name)
}

/** A job that works has `active` and `ready` as well. One whose pod could not be made has nothing but a condition. */
function stateOf({ status }: z.infer<typeof job>): JobState {
  const { active, terminating, succeeded, failed, conditions } = status
  const isFailed = conditions.some((each) => each.type === 'Failed' && each.status === 'True')
  const isOver = (succeeded + failed > 0 || isFailed) && active + terminating === 0
  return { isOver, succeeded: isOver && succeeded > 0 }
}

export const logOf = async (kubectl: Kubectl, name: string): Promise<string> =>
  (await kubectl(['logs', `job/${name}`])).trimEnd()

/** Between two questions, in milliseconds: longer each time. */
const firstPauseMs = 250
const longestPauseMs = 2000
/** So many questions in a row may fail: a cluster that is away for a minute is no answer. */
const patience = 30

/** Asks until it is so; throws when it is not in time. */
export async function until(ms: number, otherwise: string, isSo: () => Promise<boolean>): Promise<void> {
  let faults = 0
  let pauseMs = firstPauseMs
  for (const end = Date.now() + ms; ; await sleep(pauseMs)) {
    pauseMs = Math.min(2 * pauseMs, longestPauseMs)
    try {
      if (await isSo()) return
      faults = 0
    } catch (error) {
      faults += 1
      if (faults >= patience) throw error
    }
    if (Date.now() > end) throw new Error(`${otherwise} within ${ms / 1000} s`)
  }
}

export interface Command {
  namespace: string
  /** Of `parley`. */
  args: readonly string[]
  say(line: string): void
}

/** Longer than a nightly job may take. */
const commandMs = 2.5 * 3_600_000

/** Runs a command where the backups are; resolves with whether it succeeded. It is forgotten after a day. */
export async function runWhereBackupsAre({ namespace, args, say }: Command): Promise<boolean> {
  const kubectl = kubectlIn(namespace)
  const name = `parley-${args[0] ?? ''}-${Date.now().toString(36)}`
  const draft = await draftJob(kubectl, name, args)
  Object.assign(draft.spec, { ttlSecondsAfterFinished: 86_400 })
  await makeJob(kubectl, draft)
  say(`job/${name}`)
  const look = `kubectl describe -n ${namespace} job/${name}`
  await until(
    commandMs,
    `job/${name} did not end (${look})`,
    async () => (await jobState(kubectl, name)).isOver,
  )
  say(await logOf(kubectl, name))
  return (await jobState(kubectl, name)).succeeded
}
