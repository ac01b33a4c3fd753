const longInteger = /\d{16}/
const integer = /^-?\d+$/

/**
 * `JSON.parse`, where integers a JavaScript number cannot hold become their digits as text. Telegram's ids are
 * 64-bit integers written bare. The slow way with a reviver is taken only for texts with 16 digits in a row.
 * Throws a `SyntaxError`.
 */
export function parseExactly(text: string): unknown {
  if (!longInteger.test(text)) return JSON.parse(text)
  return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) => {
    const source = context?.source
    if (typeof value !== 'number' || Number.isSafeInteger(value) || source === undefined) return value
    return integer.test(source) ? source : value
  })
}
