/** An address is expected among the first words, not in a pasted list. */
const lengthRead = 2000
const address = /[\p{L}\p{N}._%+-]{1,64}@(?:[\p{L}\p{N}-]{1,63}\.){1,5}\p{L}{2,24}(?![\p{L}\p{N}@])/u

/** The first e-mail address of a text, or `undefined`. */
export const emailIn = (text: string): string | undefined => address.exec(text.slice(0, lengthRead))?.[0]

/** Whether more was said than the address and a few words around it. */
export const saysMoreThan = (email: string, text: string): boolean =>
  (text.replace(email, ' ').match(/[\p{L}\p{N}]+/gu)?.length ?? 0) > 6
