import type { z } from 'zod'
import { environmentNames } from './names.ts'
import { outline, type Outline } from './outline.ts'
import { fileSchema } from './schema.ts'

/** A setting of parley.yaml as its documentation needs it. */
export interface Setting {
  /** `server.port`; entries of a list as `bot.commands[].text`. */
  path: string
  type: string
  /** As it would be written in the file; empty where there is none. */
  fallback: string
  meaning: string
  /** The environment name that beats it. */
  environment: string | undefined
}

/** Every setting, in the order of the schema. */
export function listSettings(): Setting[] {
  return settingsBelow(fileSchema, '')
}

function settingsBelow(schema: z.core.$ZodType, prefix: string): Setting[] {
  return [...outline(schema).members].flatMap(([key, member]) => {
    const path = prefix === '' ? key : `${prefix}.${key}`
    const found = outline(member)
    const below = settingsBelow(member, found.list ? `${path}[]` : path)
    return found.members.size > 0 && !found.list ? below : [describe(path, found), ...below]
  })
}

function describe(path: string, found: Outline): Setting {
  return {
    path,
    type: typeOf(found),
    fallback: formatFallback(found),
    meaning: found.meaning ?? '',
    environment: environmentNames.find((entry) => entry.path === path)?.name,
  }
}

function typeOf({ type, list }: Outline): string {
  if (!list) return type ?? 'text'
  if (type === undefined) return 'a list'
  return type.startsWith('list of') ? type : `a list, each ${type}`
}

function formatFallback({ fallback, type }: Outline): string {
  if (fallback === undefined) return ''
  if (typeof fallback === 'number' && type?.startsWith('a duration')) return formatUnits(fallback, durations)
  if (typeof fallback === 'number' && type?.startsWith('a size')) return formatUnits(fallback, sizes)
  return typeof fallback === 'string' && /^[\w./:]+$/.test(fallback) ? fallback : JSON.stringify(fallback)
}

const durations: [string, number][] = [
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
]

const sizes: [string, number][] = [
  ['mb', 1024 * 1024],
  ['kb', 1024],
]

function formatUnits(amount: number, units: [string, number][]): string {
  const unit = units.find(([, factor]) => amount >= factor && amount % factor === 0) ?? units.at(-1)
  return unit ? `${amount / unit[1]}${unit[0]}` : String(amount)
}
