import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseDocument } from 'yaml'
import { z } from 'zod'

const condition = z.strictObject({
  condition: z.enum(['service_healthy', 'service_started', 'service_completed_successfully']),
  restart: z.boolean().optional(),
})
const limits = z.strictObject({ cpus: z.string(), memory: z.string(), pids: z.number() }).partial()
const texts = z.array(z.string())

/** What we use of a service (https://docs.docker.com/reference/compose-file/services/); nothing else is known. */
const service = z.strictObject({
  image: z.string(),
  build: z.strictObject({ context: z.string(), dockerfile: z.string() }).optional(),
  profiles: texts.default([]),
  restart: z.enum(['no', 'always', 'on-failure', 'unless-stopped']).optional(),
  read_only: z.boolean().default(false),
  privileged: z.boolean().default(false),
  user: z.string().optional(),
  cap_drop: texts.default([]),
  cap_add: texts.default([]),
  security_opt: texts.default([]),
  network_mode: z.string().optional(),
  networks: texts.default(['default']),
  ports: texts.default([]),
  command: texts.default([]),
  init: z.boolean().optional(),
  env_file: texts.default([]),
  environment: z.record(z.string(), z.string()).default({}),
  secrets: texts.default([]),
  volumes: texts.default([]),
  tmpfs: texts.default([]),
  shm_size: z.string().optional(),
  stop_grace_period: z.string().default('10s'),
  depends_on: z.record(z.string(), condition).default({}),
  healthcheck: z
    .strictObject({
      test: texts,
      interval: z.string(),
      timeout: z.string(),
      retries: z.number(),
      start_period: z.string(),
      disable: z.boolean(),
    })
    .partial()
    .optional(),
  logging: z.strictObject({ driver: z.string(), options: z.record(z.string(), z.string()) }).optional(),
  deploy: z
    .strictObject({
      replicas: z.number().default(1),
      resources: z.strictObject({ limits: limits.default({}) }).default({ limits: {} }),
    })
    .default({ replicas: 1, resources: { limits: {} } }),
})
export type Service = z.infer<typeof service>

const project = z.strictObject({
  name: z.string(),
  services: z.record(z.string(), service),
  secrets: z.record(z.string(), z.strictObject({ file: z.string() })).default({}),
  networks: z.record(z.string(), z.strictObject({ internal: z.boolean() }).partial().nullable()).default({}),
  volumes: z.record(z.string(), z.null()).default({}),
})
/** What `docker compose config` would show of it. */
export type Project = z.infer<typeof project>

type Tree = Record<string, unknown>
const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A list or map that replaces what it would be added to (`!override`). */
class Override {
  value: unknown
  constructor(value: unknown) {
    this.value = value
  }
}

const override = {
  tag: '!override',
  collection: 'seq' as const,
  resolve: (node: { toJSON(): unknown }) => new Override(node.toJSON()),
}

function read(path: string): Tree {
  const document = parseDocument(readFileSync(path, 'utf8'), { merge: true, customTags: [override as never] })
  for (const error of document.errors) throw error
  const value: unknown = document.toJS({ maxAliasCount: 200 })
  if (!isTree(value)) throw new Error(`${path} is no compose file`)
  return Object.fromEntries(Object.entries(value).filter(([name]) => !name.startsWith('x-')))
}

/** As Compose merges: maps by their keys, lists one after the other, but for those that are a whole. */
function merge(below: unknown, above: unknown, name = ''): unknown {
  if (above instanceof Override) return above.value
  if (Array.isArray(below) && Array.isArray(above))
    return ['command', 'test'].includes(name) ? above : [...new Set([...below, ...above])]
  if (!isTree(below) || !isTree(above)) return above ?? below ?? above
  const keys = new Set([...Object.keys(below), ...Object.keys(above)])
  return Object.fromEntries(
    [...keys].map((key) => [key, key in above ? merge(below[key], above[key], key) : below[key]]),
  )
}

function extended(given: unknown, folder: string): unknown {
  if (!isTree(given) || !isTree(given['extends'])) return given
  const { extends: from, ...own } = given
  const { file, service: name } = z.strictObject({ file: z.string(), service: z.string() }).parse(from)
  const services = read(join(folder, file))['services']
  return merge(isTree(services) ? services[name] : undefined, own)
}

/** The project of one file, or of several of which later ones change the first. */
export function readProject(...paths: string[]): Tree {
  const files = paths.map((path) => {
    const { services, ...rest } = read(path)
    const all = Object.entries(isTree(services) ? services : {})
    return {
      ...rest,
      services: Object.fromEntries(all.map(([name, each]) => [name, extended(each, dirname(path))])),
    }
  })
  return files.reduce<Tree>((below, above) => merge(below, above) as Tree, {})
}

/** Throws on what Compose does not know. */
export const asProject = (tree: Tree): Project => project.parse(tree)
