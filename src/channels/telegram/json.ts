const longInteger = /\d{16}/
/** Strings, which are passed over, and numbers. */
const stringOrNumber = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g
const integer = /^-?\d+$/

/**
 * `JSON.parse`, where integers a JavaScript number cannot hold become their digits as text. Telegram's ids are
 * 64-bit integers written bare. Only texts with 16 digits in a row are parsed twice; a reviver would run out of stack
 * where one is nested deeply. Throws a `SyntaxError`.
 */
export function parseExactly(text: string): unknown {
  const value: unknown = JSON.parse(text)
  if (!longInteger.test(text)) return value
  const isExact = (word: string): boolean => !integer.test(word) || Number.isSafeInteger(Number(word))
  return JSON.parse(text.replace(stringOrNumber, (word) => (isExact(word) ? word : `"${word}"`)))
}
