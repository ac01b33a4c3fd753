declare global {
  interface JSON {
    /** ECMAScript "JSON.parse source text access": text that is serialised as it is. */
    rawJSON(text: string): unknown
  }
}

const longInteger = /\d{16}/
const integer = /^-?\d+$/

/**
 * A platform id as it goes over the wire: a bare JSON integer, exact beyond 2^53. The Bot API's types call it a
 * number, so does this; it may only be serialised, never calculated with.
 */
export function wireId(id: string): number {
  const value = Number(id)
  return Number.isSafeInteger(value) ? value : (JSON.rawJSON(id) as number)
}

/** `JSON.parse`, where integers a JavaScript number cannot hold become their digits as text. */
export function parseJson(text: string): unknown {
  if (!longInteger.test(text)) return JSON.parse(text)
  return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) => {
    const source = context?.source
    if (typeof value !== 'number' || Number.isSafeInteger(value) || source === undefined) return value
    return integer.test(source) ? source : value
  })
}
