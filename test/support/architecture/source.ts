import { parseSync } from 'vite'

/** What the rules look at in one file. Lines count from 1. */
export interface Source {
  path: string
  lines: number
  imports: Import[]
  functions: { line: number; lines: number }[]
  uses: { what: Use; line: number }[]
}

export interface Import {
  /** As written, without a query. */
  specifier: string
  /** The file of the project it names; undefined for a package. */
  target: string | undefined
  typeOnly: boolean
  line: number
}

export type Use = 'any' | 'process.env' | 'console'

interface Node {
  type: string
  start: number
  end: number
  [field: string]: unknown
}

/** Reads one file's syntax tree. `path` is relative to the project's root. Throws when it does not parse. */
export function readSource(path: string, text: string): Source {
  const { program, errors } = parseSync(path, text)
  if (errors[0]) throw new Error(`${path}: ${errors[0].message}`)
  const lineOf = lineCounter(text)
  const source: Source = { path, lines: lineOf(text.trimEnd().length), imports: [], functions: [], uses: [] }
  visit(program, (node) => {
    const found = importOf(node)
    if (found)
      source.imports.push({ ...found, target: resolve(path, found.specifier), line: lineOf(node.start) })
    if (isFunction(node)) {
      const line = lineOf(node.start)
      source.functions.push({ line, lines: lineOf(node.end) - line + 1 })
    }
    const what = useOf(node)
    if (what) source.uses.push({ what, line: lineOf(node.start) })
  })
  return source
}

function visit(value: unknown, handle: (node: Node) => void): void {
  if (Array.isArray(value)) for (const item of value) visit(item, handle)
  if (!isNode(value)) return
  handle(value)
  for (const field of Object.values(value)) if (typeof field === 'object') visit(field, handle)
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
}

/** `import`, `export … from`, `import()` with a plain text, and `import('…').Type`. */
function importOf(node: Node): Pick<Import, 'specifier' | 'typeOnly'> | undefined {
  const { source } = node
  if (!isNode(source) || typeof source.value !== 'string') return undefined
  const specifier = source.value.replace(/\?.*$/, '')
  return { specifier, typeOnly: isTypeOnly(node) }
}

function isTypeOnly(node: Node): boolean {
  if (node.type === 'TSImportType' || node.importKind === 'type' || node.exportKind === 'type') return true
  const names = node.specifiers
  if (!Array.isArray(names) || names.length === 0) return false
  return names.every((name) => isNode(name) && (name.importKind === 'type' || name.exportKind === 'type'))
}

const functionTypes = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'])
const isFunction = (node: Node): boolean => functionTypes.has(node.type) && isNode(node.body)

function useOf(node: Node): Use | undefined {
  if (node.type === 'TSAnyKeyword') return 'any'
  if (node.type === 'Identifier' && node.name === 'console') return 'console'
  if (node.type === 'MemberExpression' && isEnvironment(node)) return 'process.env'
  if (node.type === 'VariableDeclarator' && isNamed(node.init, 'process') && takesEnvironment(node.id))
    return 'process.env'
  if (node.type === 'ImportDeclaration' && isProcessModule(node) && takesEnvironment(node))
    return 'process.env'
  return undefined
}

/** `process.env`, `process['env']`, `globalThis.process.env`. */
function isEnvironment(node: Node): boolean {
  const ofProcess =
    isNamed(node.object, 'process') || (isNode(node.object) && isNamed(node.object.property, 'process'))
  return ofProcess && isNamed(node.property, 'env')
}

function isNamed(node: unknown, name: string): boolean {
  return isNode(node) && (node.name === name || node.value === name)
}

const isProcessModule = (node: Node): boolean =>
  isNamed(node.source, 'node:process') || isNamed(node.source, 'process')

/** `{ env }` of a pattern or an import. */
function takesEnvironment(node: unknown): boolean {
  const parts = isNode(node) ? (node.properties ?? node.specifiers) : undefined
  if (!Array.isArray(parts)) return false
  return parts.some(
    (part: unknown) => isNode(part) && (isNamed(part.key, 'env') || isNamed(part.imported, 'env')),
  )
}

function resolve(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined
  const parts = from.split('/').slice(0, -1)
  for (const part of specifier.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '.') parts.push(part)
  }
  return parts.join('/')
}

function lineCounter(text: string): (offset: number) => number {
  const breaks = [...text.matchAll(/\n/g)].map((match) => match.index)
  return (offset) => {
    let low = 0
    let high = breaks.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((breaks[middle] ?? 0) < offset) low = middle + 1
      else high = middle
    }
    return low + 1
  }
}
