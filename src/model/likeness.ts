import { hash } from 'node:crypto'

/** Shorter texts are given again and again in honest talk: yes, thanks, 42. */
const shortestRepeat = 12
/** Enough to tell; a pasted book is not read to the end. */
const lengthRead = 4000
const link = /(?:\b(?:https?|tg|ftp):\/\/|\bwww\.|\bt\.me\/)\S+/giu

/** What two messages that say the same have in common; empty where a repetition tells nothing. */
export function likenessOf(text: string): string {
  const words = text.trim().replace(/\s+/g, ' ').toLowerCase()
  return words.length < shortestRepeat ? '' : hash('sha1', words, 'base64').slice(0, 16)
}

/** Whether more of a text is links than words. */
export function isMostlyLinks(text: string): boolean {
  const read = text.slice(0, lengthRead)
  const letters = read.replace(/\s+/g, '').length
  const inLinks = (read.match(link) ?? []).reduce((sum, found) => sum + found.length, 0)
  return inLinks * 2 > letters
}
