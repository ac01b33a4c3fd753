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
      ready: count,
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

/** All of Parley. */
export const selector = 'app.kubernetes.io/name=parley'
/** Those that ended badly or were evicted stay for a look. */
export const alive = 'status.phase!=Failed,status.phase!=Succeeded'

export interface JobState {
  /** A pod of it works. */
  isReady: boolean
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

/** On a node where nobody of Parley is, a job need not stay beside anybody, and could not: it would wait for ever. */
export async function placeJob(kubectl: Kubectl, draft: Draft): Promise<void> {
  const own = ['-l', `${selector},!job-name`, '--field-selector', `${alive},spec.nodeName!=`]
  if ((await kubectl(['get', 'pods', ...own, '-o', 'name'])).trim() === '')
    Object.assign(draft.spec.template.spec, { affinity: undefined })
}

export const makeJob = async (kubectl: Kubectl, draft: Draft): Promise<void> =>
  void (await kubectl(['apply', '-f', '-'], JSON.stringify(draft)))

const notThere: JobState = { isReady: false, isOver: true, succeeded: false }

/** How a job is; one that is not there is over. */
export async function jobState(kubectl: Kubectl, name: string): Promise<JobState> {
  const found = await kubectl(['get', 'job', name, '-o', 'json', '--ignore-not-found'])
  return found.trim() === '' ? notThere : stateOf(job.parse(JSON.parse(found)))
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
  const { active, ready, terminating, succeeded, failed, conditions } = status
  const isFailed = conditions.some((each) => each.type === 'Failed' && each.status === 'True')
  const isOver = (succeeded + failed > 0 || isFailed) && active + terminating === 0
  return { isReady: ready > 0, isOver, succeeded: isOver && succeeded > 0 }
}

export const logOf = async (kubectl: Kubectl, name: string): Promise<string> =>
  (await kubectl(['logs', `job/${name}`])).trimEnd()

/** Between two questions, in milliseconds: longer each time. */
const firstPauseMs = 250
const longestPauseMs = 2000
/** So many questions in a row may fail: a cluster that is away for a minute is no answer. */
const patience = 30

/** Asks until it is so; throws when it is not in time. */
export async function until(
  ms: number,
  otherwise: string,
  isSo: () => Promise<boolean>,
  stopped?: AbortSignal,
): Promise<void> {
  let faults = 0
  let pauseMs = firstPauseMs
  for (const end = Date.now() + ms; ; await sleep(pauseMs)) {
    pauseMs = Math.min(2 * pauseMs, longestPauseMs)
    stopped?.throwIfAborted()
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

/** What a job waits for is told once, after so long without a pod that works. */
const startMs = 60_000

export interface Waiting {
  kubectl: Kubectl
  /** Ends the waiting, not the job. */
  stopped?: AbortSignal | undefined
  /** Of the job. */
  name: string
  withinMs: number
  /** Said where it is not over in time. */
  otherwise: string
  say(line: string): void
  tellAfterMs?: number
  /** A pod that works is enough. */
  orStarted?: boolean
}

/** Waits until nothing of a job works any more; throws when that does not come in time. */
export async function waitForJob(waiting: Waiting): Promise<JobState> {
  const { kubectl, name, withinMs, otherwise, say, tellAfterMs = startMs, orStarted, stopped } = waiting
  let state = notThere
  let tellAt = Date.now() + tellAfterMs
  await until(
    withinMs,
    otherwise,
    async () => {
      state = await jobState(kubectl, name)
      const isStarted = state.isReady || state.isOver
      if (isStarted) tellAt = Infinity
      if (Date.now() < tellAt) return orStarted ? isStarted : state.isOver
      tellAt = Infinity
      say(`job/${name} does not start:\n${await eventsOf(kubectl, name)}`)
      return false
    },
    stopped,
  )
  return state
}

/** What the cluster says of a job and its pods; never throws. */
async function eventsOf(kubectl: Kubectl, name: string): Promise<string> {
  const told = async (words: readonly string[]): Promise<string> => {
    const text = await kubectl(['describe', ...words]).catch(String)
    return text.slice(Math.max(0, text.lastIndexOf('\nEvents:'))).trim()
  }
  return [await told(['job', name]), await told(['pods', '-l', `job-name=${name}`])].join('\n')
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
  await placeJob(kubectl, draft)
  await makeJob(kubectl, draft)
  say(`job/${name}`)
  const otherwise = `job/${name} did not end (kubectl describe -n ${namespace} job/${name})`
  const { succeeded } = await waitForJob({ kubectl, name, withinMs: commandMs, otherwise, say })
  say(await logOf(kubectl, name))
  return succeeded
}
