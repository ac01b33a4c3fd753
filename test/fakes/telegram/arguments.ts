import { badRequest } from './refusal.ts'

/** The arguments of a call. The Bot API takes each as text, number or JSON, so these readers do too. */
export interface Arguments {
  readonly raw: Record<string, unknown>
  has(name: string): boolean
  text(name: string): string
  integer(name: string, fallback: number, lowest?: number, highest?: number): number
  boolean(name: string): boolean
  /** An argument that is an object or array, or JSON text of one; `undefined` when it is not given. */
  json(name: string): unknown
}

export function readArguments(raw: Record<string, unknown>): Arguments {
  const text = (name: string): string => {
    const value = raw[name]
    if (typeof value === 'string') return value
    return value === undefined || value === null ? '' : JSON.stringify(value)
  }
  return {
    raw,
    has: (name) => text(name) !== '',
    text,
    integer(name, fallback, lowest = Number.MIN_SAFE_INTEGER, highest = Number.MAX_SAFE_INTEGER) {
      const value = Number.parseInt(text(name), 10)
      return Math.min(highest, Math.max(lowest, Number.isNaN(value) ? fallback : value))
    },
    boolean: (name) => ['true', '1', 'yes', 't'].includes(text(name).toLowerCase()),
    json(name) {
      const value = raw[name]
      if (typeof value !== 'string') return value ?? undefined
      if (value === '') return undefined
      try {
        return JSON.parse(value)
      } catch {
        throw badRequest(`can't parse ${name.replaceAll('_', ' ')} JSON object`)
      }
    },
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
