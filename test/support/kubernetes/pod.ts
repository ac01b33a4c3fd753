import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Container, Manifest, Pods } from './manifest.ts'

/** What a container finds in its environment. */
export function environmentOf(
  { env, envFrom }: Container,
  manifests: readonly Manifest[],
): Map<string, string> {
  const maps = envFrom.flatMap(({ configMapRef }) =>
    manifests.filter(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === configMapRef?.name),
  )
  const entries = maps.flatMap(({ data = {} }) => Object.entries(data))
  return new Map([...entries, ...env.map(({ name, value = '' }): [string, string] => [name, value])])
}

/** Random, of the shapes the configuration asks for. */
const samples: Record<string, string> = {
  DATABASE_URL: 'postgres://parley:mR7vQ2xK9wLp4TzB@postgres:5432/parley',
  REDIS_URL: 'redis://:hG5nW8cY3sJd6FqV@redis:6379',
  TELEGRAM_BOT_TOKEN: '110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1',
}
export const sample = (name: string): string => samples[name] ?? 'mR7vQ2xK9wLp4TzBhG5nW8cY3sJd6FqVe1'

export interface Layout {
  each: Pods
  container: Container
  manifests: readonly Manifest[]
  /** Where the root of the container is made. */
  folder: string
  /** What the Secret holds; what is not given is made up. */
  secrets?: Readonly<Record<string, string>>
}

/** Makes the files a container finds in its pod, below a folder; returns its environment, whose paths are there. */
export function layOut({ each, container, manifests, folder, secrets = {} }: Layout): Record<string, string> {
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
    for (const [name, path] of found) {
      const secret = name.slice(0, -'_FILE'.length)
      if (name.endsWith('_FILE') && dirname(path) === mount.mountPath)
        write(path, secrets[secret] ?? sample(secret))
    }
  }
  const isPath = (name: string): boolean => /_FILE$|_DIR$|^PARLEY_CONFIG$/.test(name)
  return Object.fromEntries(
    [...found].map(([name, value]) => [name, isPath(name) ? join(folder, value) : value]),
  )
}
