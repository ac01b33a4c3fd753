import type { Source } from './source.ts'

/** No file imports itself by way of others, types included. */
export function cycles(sources: Source[]): string[] {
  const edges = new Map(sources.map(({ path, imports }) => [path, targetsOf(imports)]))
  const done = new Set<string>()
  const problems: string[] = []
  const follow = (path: string, trail: string[]): void => {
    const at = trail.indexOf(path)
    if (at >= 0) problems.push(`${path}:1 is in a cycle: ${[...trail.slice(at), path].join(' → ')}`)
    if (at >= 0 || done.has(path)) return
    for (const target of edges.get(path) ?? []) follow(target, [...trail, path])
    done.add(path)
  }
  for (const path of edges.keys()) follow(path, [])
  return problems
}

const targetsOf = (imports: Source['imports']): string[] => [
  ...new Set(imports.flatMap(({ target }) => (target === undefined ? [] : [target]))),
]
