import type { Language } from '../language.ts'

const units = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
] as const

const inUnits = (language: Language, value: number, unit: string): string =>
  new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(value)

/** How long, in milliseconds, by its two largest units: `3 days 4 hours`, `12 секунд`. */
export function duration(language: Language, ms: number): string {
  let rest = Math.max(0, ms)
  const parts: string[] = []
  for (const [unit, size] of units) {
    const value = Math.floor(rest / size)
    rest -= value * size
    if (value > 0) parts.push(inUnits(language, value, unit))
    else if (parts.length > 0) break
  }
  return parts.slice(0, 2).join(' ') || inUnits(language, 0, 'second')
}

/** How soon, in milliseconds: in minutes up to two hours, then in hours, then in days. */
export function ahead(language: Language, ms: number): string {
  const format = new Intl.RelativeTimeFormat(language)
  const minutes = Math.max(1, Math.ceil(ms / 60_000))
  if (minutes <= 120) return format.format(minutes, 'minute')
  if (minutes <= 48 * 60) return format.format(Math.round(minutes / 60), 'hour')
  return format.format(Math.round(minutes / (24 * 60)), 'day')
}

/** How long ago, in milliseconds, by its largest unit: `5 minutes ago`, `сейчас`. */
export function ago(language: Language, ms: number): string {
  const [unit, size] = units.find(([, length]) => ms >= length) ?? (['second', 1000] as const)
  return new Intl.RelativeTimeFormat(language, { numeric: 'auto' }).format(-Math.floor(ms / size), unit)
}
