import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { isMap, isScalar, LineCounter, parseDocument, type Document, type YAMLError } from 'yaml'
import type { Problem } from './problem.ts'

/** A file of settings, read but not yet judged by a schema. */
export interface YamlFile {
  path: string
  content: Record<string, unknown>
  problems: Problem[]
  /** `parley.yaml line 12`, of the setting at a path, or of the nearest one above it that exists. */
  locate(path: readonly PropertyKey[]): string
}

interface ReadOptions {
  /** A setting the file may begin with, for whoever wrote none. */
  first: string
  /** Characters at most. */
  most?: number
  /** One that is not there counts as empty. */
  mayBeMissing?: boolean
}

/** Reads a YAML file. The first fault of the syntax is a problem with its line; the content is then empty. */
export function readYamlFile(path: string, options: ReadOptions): YamlFile {
  try {
    return parseYaml(path, readFileSync(path, 'utf8'), options)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    if (options.mayBeMissing && reason.startsWith('ENOENT')) return parseYaml(path, '', options)
    return failed(path, reason.startsWith('ENOENT') ? 'no file' : reason, 'a file this process may read')
  }
}

function failed(path: string, found: string, expected: string): YamlFile {
  return {
    path,
    content: {},
    problems: [{ setting: path, found, expected }],
    locate: () => basename(path),
  }
}

/** As `readYamlFile`, of the text of the file. */
export function parseYaml(
  path: string,
  source: string,
  { first, most = 1024 * 1024 }: ReadOptions,
): YamlFile {
  if (source.length > most) return failed(path, `${source.length} characters`, `at most ${most}`)
  const name = basename(path)
  const lines = new LineCounter()
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false, stringKeys: true })
  const at = (offset: number) => `${name} line ${lines.linePos(offset).line}`
  // What follows the first fault is mostly its echo.
  const [fault] = [...document.errors, ...document.warnings]
  const [content, problems] = fault
    ? [{}, [faultOf(fault, at(startOf(source, fault.pos[0])))]]
    : toContent(document, name, first)
  return { path, content, problems, locate: (target) => at(offsetOf(document, target)) }
}

function faultOf({ message }: YAMLError, setting: string): Problem {
  const advice = message.endsWith('must start at the same column')
    ? ': indent it like its neighbours; is the heading above it still a comment?'
    : ''
  return { setting, found: message, expected: `valid YAML${advice}` }
}

/** The parser lets a line begin with the blank lines and comments above it. */
function startOf(source: string, offset: number): number {
  if (offset > 0 && source[offset - 1] !== '\n') return offset
  const above = /^(?:[ \t]*(?:#.*)?\r?\n)*/.exec(source.slice(offset))
  return offset + (above?.[0].length ?? 0)
}

function toContent(
  document: Document.Parsed,
  name: string,
  first: string,
): [Record<string, unknown>, Problem[]] {
  try {
    const value: unknown = document.toJS({ maxAliasCount: 100 })
    if (value === null || value === undefined) return [{}, []]
    JSON.stringify(value) // An alias inside its own anchor makes a circle, and throws here.
    if (typeof value === 'object' && !Array.isArray(value)) return [withoutEmpty(value), []]
    return [
      {},
      [
        {
          setting: name,
          found: 'no settings',
          expected: `settings such as "${first}:" at the start of a line`,
        },
      ],
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
