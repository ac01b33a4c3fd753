import { z } from 'zod'
import { isZone } from '../model/calendar.ts'
import { languages } from '../model/language.ts'

const durationUnits = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
])

const sizeUnits = new Map([
  ['kb', 1024],
  ['mb', 1024 * 1024],
])

/** A length of time such as `800ms`, `30s`, `5m` or `1h`, between two others; becomes milliseconds. */
export function duration(from: string, to: string) {
  return quantity(durationUnits, from, to, 'a duration')
}

/** A number of days such as `90d`, or `forever`; as it is written: see `daysOf`. */
export function days(least: number, why?: string) {
  const expected = `days such as 90d, at least ${least}d${why === undefined ? '' : ` (${why})`}, or forever`
  return z
    .string({ error: expected })
    .refine((text) => text === 'forever' || (daysOf(text) ?? 0) >= least, expected)
    .meta({ type: `days such as 90d, at least ${least}d, or forever` })
}

/** `undefined`: for ever. */
export function daysOf(text: string): number | undefined {
  if (text === 'forever') return undefined
  const [, amount] = /^(\d{1,5})d$/.exec(text) ?? []
  return Number(amount ?? Number.NaN)
}

/** A size such as `512kb` or `1mb`, between two others; becomes bytes. */
export function size(from: string, to: string) {
  return quantity(sizeUnits, from, to, 'a size')
}

function quantity(units: ReadonlyMap<string, number>, from: string, to: string, noun: string) {
  const expected = `${noun} with its unit, from ${from} to ${to}`
  const pattern = new RegExp(`^(\\d{1,9})(${[...units.keys()].join('|')})$`)
  const measure = (text: string): number => {
    const [, amount, unit] = pattern.exec(text) ?? []
    return amount === undefined || unit === undefined ? Number.NaN : Number(amount) * (units.get(unit) ?? 0)
  }
  const [least, most] = [measure(from), measure(to)]
  return z
    .string({ error: expected })
    .refine((text) => measure(text) >= least && measure(text) <= most, expected)
    .transform(measure)
    .meta({ type: expected })
}

/** A whole number within bounds. */
export function whole(from: number, to: number) {
  const expected = `a whole number from ${from} to ${to}`
  return z.int(expected).min(from, expected).max(to, expected).meta({ type: expected })
}

/** A number within bounds, with decimals. */
export function amount(from: number, to: number) {
  const expected = `a number from ${from} to ${to}`
  return z.number(expected).min(from, expected).max(to, expected).meta({ type: expected })
}

export function timeZone() {
  const expected = 'a time zone such as Europe/Berlin, or UTC'
  return z.string(expected).refine(isZone, expected).meta({ type: expected })
}

export function flag() {
  return z.boolean('true or false').meta({ type: 'true or false' })
}

export function oneOf<const T extends readonly [string, ...string[]]>(...values: T) {
  const expected = `one of ${values.join(', ')}`
  return z.enum(values, expected).meta({ type: expected })
}

/** Text of one line or more, up to `most` characters. */
export function text(most: number) {
  const expected = `text of 1 to ${most} characters`
  return z.string(expected).trim().min(1, expected).max(most, expected).meta({ type: expected })
}

/** An http or https address; loses its closing slashes. */
export function address() {
  const expected = 'an address such as https://example.com'
  return z
    .url({ protocol: /^https?$/, error: expected })
    .transform((url) => url.replace(/\/+$/, ''))
    .meta({ type: expected })
}

/** A text for every language (`Hello`), or one for each (`{ en: Hello, ru: Привет }`). */
export function localized(most: number) {
  const expected = `text of 1 to ${most} characters, or one for each language (${languages.join(', ')})`
  const one = z.string().trim().min(1).max(most)
  const each = z
    .strictObject({ en: one.optional(), ru: one.optional() })
    .refine((texts) => Object.values(texts).some((found) => found !== undefined), expected)
  return z.union([one, each], expected).meta({ type: expected })
}

/** What `localized` gives. */
export type LocalizedInput = z.output<ReturnType<typeof localized>>
