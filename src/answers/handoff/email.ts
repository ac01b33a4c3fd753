/** An address is expected among the first words, not in a pasted list. */
const lengthRead = 2000
const address = /[\p{L}\p{N}._%+-]{1,64}@(?:[\p{L}\p{N}-]{1,63}\.){1,5}\p{L}{2,24}(?![\p{L}\p{N}@])/u

/** The first e-mail address of a text, or `undefined`. */
export const emailIn = (text: string): string | undefined => address.exec(text.slice(0, lengthRead))?.[0]

/** "bob@example", "bob at example dot org", "bob [at] example.com": a person reads it, a machine does not. */
const nearly =
  /(?<![^\s<(:])[\p{L}\p{N}._%+-]{1,64}(?:@|\s?[([{]\s?(?:at|собака)\s?[)\]}]\s?|\s(?:at|собака)\s(?=[\p{L}\p{N}-]+\s?(?:[([{]?(?:dot|точка)(?!\p{L})[)\]}]?|\.)\s?\p{L}))[\p{L}\p{N}.-]*(?:\s?[([{]?(?:dot|точка)(?!\p{L})[)\]}]?\s?[\p{L}\p{N}-]+)*/iu
/** In more words than this something is told, no address given. */
const nearlyWords = 12

/** What was meant as an e-mail address and is none, as written, or `undefined`. */
export function nearlyEmailIn(text: string): string | undefined {
  if (text.length > 300 || text.trim().split(/\s+/).length > nearlyWords) return undefined
  return emailIn(text) === undefined ? nearly.exec(text)?.[0] : undefined
}

/** Whether more was said than the address and a few words around it. */
export const saysMoreThan = (email: string, text: string): boolean =>
  (text.replace(email, ' ').match(/[\p{L}\p{N}]+/gu)?.length ?? 0) > 6
