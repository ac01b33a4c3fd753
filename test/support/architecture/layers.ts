import { isTest, partOf } from './rule.ts'
import type { Import, Source } from './source.ts'

/** Who may import whom: the table of ARCHITECTURE.md §3. */
const everything = [
  'model',
  'config',
  'ops',
  'store',
  'llm',
  'channels',
  'coordination',
  'memory',
  'answers',
  'pipeline',
  'backup',
]
const mayImport: Record<string, readonly string[]> = {
  model: [],
  config: ['model'],
  ops: ['model'],
  store: ['model', 'ops'],
  llm: ['model', 'ops'],
  channels: ['model', 'ops'],
  coordination: ['model', 'ops'],
  memory: ['model', 'ops', 'store', 'llm'],
  answers: ['model', 'ops', 'store', 'llm', 'memory'],
  pipeline: ['model', 'ops', 'store', 'coordination', 'channels', 'answers'],
  backup: ['model', 'ops'],
  jobs: ['model', 'ops', 'store', 'coordination', 'llm', 'memory', 'pipeline'],
  http: ['model', 'ops', 'store', 'coordination', 'channels', 'answers', 'pipeline'],
  app: [...everything, 'jobs', 'http'],
  cli: ['app', 'config', 'model', 'ops', 'store'],
  main: ['cli'],
  bench: ['app', 'main', 'cli', ...everything, 'jobs', 'http'],
  web: ['http'],
}

/** Every part keeps to its row; a part without a row does not exist. */
export function layers(sources: Source[]): string[] {
  return sources.filter(({ path }) => !isTest(path)).flatMap((source) => problemsOf(source))
}

function problemsOf(source: Source): string[] {
  const part = partOf(source.path)
  const row = part === undefined ? undefined : mayImport[part]
  if (row === undefined) return [`${source.path}:1 is not on the map of ARCHITECTURE.md`]
  return source.imports.filter((use) => !isAllowed(part, row, use)).map((use) => describe(source.path, use))
}

function isAllowed(part: string | undefined, row: readonly string[], { target }: Import): boolean {
  // The version stands in package.json alone.
  if (target === undefined || target === 'package.json') return true
  const other = partOf(target)
  return other !== undefined && !isTest(target) && (other === part || row.includes(other))
}

function describe(path: string, { line, target }: Import): string {
  return `${path}:${line} imports ${target}, which its row of the table does not allow`
}

/** Pages share nothing with the server but the types of their contract. */
export function pages(sources: Source[]): string[] {
  const own = sources.filter(({ path }) => partOf(path) === 'web' && !isTest(path))
  return own.flatMap(({ path, imports }) =>
    imports.flatMap(({ target, typeOnly, line }) => {
      if (target === undefined || partOf(target) === 'web') return []
      if (!target.startsWith('src/http/contract/'))
        return [`${path}:${line} imports ${target}: only src/http/contract`]
      return typeOnly ? [] : [`${path}:${line} imports values of ${target}: only types`]
    }),
  )
}
