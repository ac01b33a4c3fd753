import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
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

/** `backup` is told by its name alone. */
const names: ReadonlySet<string> = new Set([...commandNames, 'backup'])

async function commandOf(args: readonly string[]): Promise<string[]> {
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

const secretNames = new Set(environmentNames.filter(({ secret }) => secret).map(({ name }) => name))
const known = new Set([
  ...environmentNames.map(({ name }) => name),
  ...[...secretNames].map((name) => `${name}_FILE`),
])

/** What a container finds in its environment. */
function environmentOf({ env, envFrom }: Container, manifests: readonly Manifest[]): Map<string, string> {
  const maps = envFrom.flatMap(({ configMapRef }) =>
    manifests.filter(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === configMapRef?.name),
  )
  const entries = maps.flatMap(({ data = {} }) => Object.entries(data))
  return new Map([...entries, ...env.map(({ name, value = '' }): [string, string] => [name, value])])
}

/** Names the configuration knows, and no secret among their values. */
export const environment: Rule = (manifests) =>
  own(manifests).flatMap(({ container, where }) => {
    const names = [...environmentOf(container, manifests).keys()]
    return [
      ...names.filter((name) => !known.has(name)).map((name) => `${where}: ${name} is no setting`),
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
const tokenShapes = /\b\d{5,20}:[\w-]{35}\b|\bsk-[\w-]{20,}|:\/\/[^\s/@:]*:[^\s/@]+@/

/** Random, of the shapes the configuration asks for. */
const samples: Record<string, string> = {
  DATABASE_URL: 'postgres://parley:mR7vQ2xK9wLp4TzB@postgres:5432/parley',
  REDIS_URL: 'redis://:hG5nW8cY3sJd6FqV@redis:6379',
  TELEGRAM_BOT_TOKEN: '110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1',
}
const sample = (name: string): string => samples[name] ?? 'mR7vQ2xK9wLp4TzBhG5nW8cY3sJd6FqVe1'

/** The configuration of each process, as it finds it in its pod, has no problem. */
export const configurations: Rule = (manifests) =>
  own(manifests).flatMap(({ each, container, where }) => {
    const folder = mkdtempSync(join(tmpdir(), 'parley-pod-'))
    try {
      return layOut({ each, container, manifests, folder }).map((finding) => `${where}: ${finding}`)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

interface Layout {
  each: Pods
  container: Container
  manifests: readonly Manifest[]
  /** Where the root of the container is made. */
  folder: string
}

function layOut({ each, container, manifests, folder }: Layout): string[] {
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  const found = environmentOf(container, manifests)
  for (const mount of container.volumeMounts) {
    const volume = each.template.spec.volumes.find(({ name }) => name === mount.name)
    const map = manifests.find(
      ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === volume?.configMap?.name,
    )
    for (const [name, text] of Object.entries(map?.data ?? {})) write(join(mount.mountPath, name), text)
    if (!volume?.secret) continue
    for (const [name, path] of found)
      if (name.endsWith('_FILE') && dirname(path) === mount.mountPath) write(path, sample(name.slice(0, -5)))
  }
  const isPath = (name: string): boolean => /_FILE$|_DIR$|^PARLEY_CONFIG$/.test(name)
  const env = Object.fromEntries(
    [...found].map(([name, value]) => [name, isPath(name) ? join(folder, value) : value]),
  )
  return problemsOf(env, container, folder)
}

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
