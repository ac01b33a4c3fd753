import { environmentNames, type EnvironmentName } from './names.ts'

/** Values of the environment laid over the content of the file, and which paths they took. */
export interface Overlay {
  content: Record<string, unknown>
  /** `server.port` to `PORT`. */
  origins: ReadonlyMap<string, string>
}

/** An environment name beats the file. */
export function layOver(file: Record<string, unknown>, values: ReadonlyMap<string, string>): Overlay {
  const content = structuredClone(file)
  const origins = new Map<string, string>()
  for (const entry of environmentNames) {
    const value = values.get(entry.name)
    if (value === undefined || entry.path === undefined || entry.form === 'links') continue
    if (put(content, entry.path.split('.'), convert(entry, value))) origins.set(entry.path, entry.name)
  }
  return { content, origins }
}

/** What is not of its form stays text, and the schema says what it should be. */
function convert({ form }: EnvironmentName, value: string): unknown {
  if (form === 'number' && /^-?\d+(\.\d+)?$/.test(value)) return Number(value)
  if (form === 'flag' && /^(true|false|1|0)$/.test(value)) return value === 'true' || value === '1'
  if (form === 'list') return splitList(value)
  return value
}

/** The entries of a comma-separated list; empty places are kept unless nothing else is there. */
export function splitList(value: string): string[] {
  const entries = value.split(',').map((entry) => entry.trim())
  return entries.some((entry) => entry !== '') ? entries : []
}

function put(content: Record<string, unknown>, keys: string[], value: unknown): boolean {
  let current: object = content
  const [last] = keys.slice(-1)
  if (last === undefined) return false
  for (const key of keys.slice(0, -1)) {
    const next: unknown = Reflect.get(current, key) ?? {}
    if (typeof next !== 'object' || next === null) return false // The file has nonsense there, which is reported.
    Reflect.set(current, key, next)
    current = next
  }
  return Reflect.set(current, last, value)
}
