import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { isMap, isScalar, LineCounter, parseDocument, type Document } from 'yaml'
import type { Problem } from './problem.ts'

/** A configuration file, read but not yet judged by the schema. */
export interface ConfigurationFile {
  path: string
  content: Record<string, unknown>
  problems: Problem[]
  /** `parley.yaml line 12`, of the setting at a path, or of the nearest one above it that exists. */
  locate(path: readonly PropertyKey[]): string
}

const largestFile = 1024 * 1024

/** Reads a YAML file. A fault of the syntax is a problem with its line; the content is then empty. */
export function readConfigurationFile(path: string): ConfigurationFile {
  const name = basename(path)
  const failed = (found: string, expected: string): ConfigurationFile => ({
    path,
    content: {},
    problems: [{ setting: path, found, expected }],
    locate: () => name,
  })
  let source: string
  try {
    source = readFileSync(path, 'utf8')
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return failed(reason.startsWith('ENOENT') ? 'no file' : reason, 'a file this process may read')
  }
  if (source.length > largestFile) return failed(`${source.length} characters`, `at most ${largestFile}`)
  return parse(path, name, source)
}

function parse(path: string, name: string, source: string): ConfigurationFile {
  const lines = new LineCounter()
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false, stringKeys: true })
  const at = (offset: number) => `${name} line ${lines.linePos(offset).line}`
  const faults: Problem[] = [...document.errors, ...document.warnings].map(({ message, pos }) => ({
    setting: at(pos[0]),
    found: message,
    expected: 'valid YAML',
  }))
  const [content, problems] = faults.length > 0 ? [{}, faults] : toContent(document, name)
  return { path, content, problems, locate: (target) => at(offsetOf(document, target)) }
}

function toContent(document: Document.Parsed, name: string): [Record<string, unknown>, Problem[]] {
  try {
    const value: unknown = document.toJS({ maxAliasCount: 100 })
    if (value === null || value === undefined) return [{}, []]
    JSON.stringify(value) // An alias inside its own anchor makes a circle, and throws here.
    if (typeof value === 'object' && !Array.isArray(value)) return [withoutEmpty(value), []]
    return [
      {},
      [{ setting: name, found: 'no settings', expected: 'settings such as "bot:" at the start of a line' }],
    ]
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error)
    return [
      {},
      [{ setting: name, found, expected: 'YAML without a pile of aliases, and none inside its own anchor' }],
    ]
  }
}

/** `key:` with nothing behind it is not set, as in a file whose comment signs were just removed. */
function withoutEmpty(settings: object): Record<string, unknown> {
  const entries = Object.entries(settings).filter(([, value]) => value !== null)
  const isSection = (value: unknown): value is object =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
  return Object.fromEntries(
    entries.map(([key, value]) => [key, isSection(value) ? withoutEmpty(value) : value]),
  )
}

/** Where the key of a setting stands; for a setting that is missing, that of the setting around it. */
function offsetOf(document: Document.Parsed, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const parent: unknown = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true)
    const key = path[length - 1]
    if (isMap(parent)) {
      const pair = parent.items.find((item) => isScalar(item.key) && item.key.value === key)
      if (pair && isScalar(pair.key) && pair.key.range) return pair.key.range[0]
    }
    const node: unknown = document.getIn(path.slice(0, length), true)
    if (typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range))
      return Number(node.range[0])
  }
  return 0
}
