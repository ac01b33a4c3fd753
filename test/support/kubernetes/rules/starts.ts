import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import { createProgram } from '../../../../src/cli/commands.ts'
import { commandNames } from '../../../../src/cli/spelling.ts'
import { loadConfig } from '../../../../src/config/load.ts'
import { environmentNames } from '../../../../src/config/names.ts'
import { formatProblem } from '../../../../src/config/problem.ts'
import { providers } from '../../../../src/config/providers.ts'
import {
  allContainers,
  type Container,
  isParley,
  type Manifest,
  type Pods,
  pods,
  type Rule,
} from '../manifest.ts'
import { environmentOf, layOut } from '../pod.ts'

const own = (manifests: readonly Manifest[]): { each: Pods; container: Container; where: string }[] =>
  pods(manifests)
    .filter(isParley)
    .flatMap((each) =>
      allContainers(each).map((container) => ({
        each,
        container,
        where: `${each.owner}, container ${container.name}`,
      })),
    )

/** Commands that exist, with options they know. */
export async function commandLine(manifests: readonly Manifest[]): Promise<string[]> {
  const findings = await Promise.all(
    own(manifests).map(async ({ container: { command, args }, where }) => {
      if (command !== undefined) return [`${where} goes past the image's own command`]
      const found = await commandOf(args)
      return found.map((finding) => `${where}: ${finding}`)
    }),
  )
  return findings.flat()
}

const names: ReadonlySet<string> = new Set(commandNames)

export async function commandOf(args: readonly string[]): Promise<string[]> {
  const [name = '', ...rest] = args
  if (!names.has(name)) return [`there is no command "${name}"`]
  let command: Command | undefined = (await createProgram([name])).commands.find(
    (each) => each.name() === name,
  )
  const findings: string[] = []
  for (const argument of rest) {
    const child: Command | undefined = command?.commands.find((each) => each.name() === argument)
    if (child) command = child
    if (!argument.startsWith('-')) continue
    const known = command?.options.some(({ long, short }) => argument === long || argument === short) ?? false
    if (!known) findings.push(`${command?.name()} has no option ${argument}`)
  }
  return findings
}

export const secretNames = new Set(environmentNames.filter(({ secret }) => secret).map(({ name }) => name))
export const knownNames = new Set([
  ...environmentNames.map(({ name }) => name),
  ...[...secretNames].map((name) => `${name}_FILE`),
])

/** Names the configuration knows, and no secret among their values. */
export const environment: Rule = (manifests) =>
  own(manifests).flatMap(({ container, where }) => {
    const names = [...environmentOf(container, manifests).keys()]
    return [
      ...names.filter((name) => !knownNames.has(name)).map((name) => `${where}: ${name} is no setting`),
      ...names
        .filter((name) => secretNames.has(name))
        .map((name) => `${where}: the secret ${name} stands in the open; use ${name}_FILE`),
      ...(container.envFrom.some(({ secretRef }) => secretRef)
        ? [`${where}: secrets are files, not environment`]
        : []),
    ]
  })

/** No manifest carries a secret. */
export const noSecrets: Rule = (manifests) =>
  manifests.flatMap(({ kind, metadata, data, stringData }) => {
    if (kind === 'Secret') return [`Secret ${metadata.name} is in the manifests`]
    const values = Object.values({ ...data, ...stringData }).join('\n')
    return tokenShapes.test(values) ? [`${kind} ${metadata.name} contains what looks like a secret`] : []
  })

/** A bot's token; keys of models; a login in a URL. */
export const tokenShapes = /\b\d{5,20}:[\w-]{35}\b|\bsk-[\w-]{20,}|:\/\/[^\s/@:]*:[^\s/@]+@/

/** The configuration of each process, as it finds it in its pod, has no problem. */
export const configurations: Rule = (manifests) =>
  own(manifests).flatMap(({ each, container, where }) => {
    const folder = mkdtempSync(join(tmpdir(), 'parley-pod-'))
    try {
      return problemsOf(layOut({ each, container, manifests, folder }), container, folder).map(
        (finding) => `${where}: ${finding}`,
      )
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

function problemsOf(env: Record<string, string>, { args }: Container, folder: string): string[] {
  const role = args[args.indexOf('--role') + 1]
  const given = args.includes('--role') && role !== undefined ? { PARLEY_ROLE: role } : {}
  const loaded = loadConfig({ env: { ...env, ...given }, cwd: folder })
  if ('problems' in loaded) return loaded.problems.map(formatProblem)
  const isExample = loaded.example ? ['is the example, not a bot of its own'] : []
  const inside = providers.some(({ key }) => env[key] !== undefined)
    ? ['has a key of a model in the open']
    : []
  return [...isExample, ...inside, ...loaded.warnings.map(({ found }) => found)]
}
