import { hash, timingSafeEqual } from 'node:crypto'

/** Compares in constant time, whatever the lengths: the digests are compared. */
export function createSecretCheck(secret: string): (given: string | undefined) => boolean {
  const digest = (text: string): Buffer => hash('sha256', text, 'buffer')
  const expected = digest(secret)
  return (given) => {
    const same = timingSafeEqual(digest(given ?? ''), expected)
    return same && secret !== ''
  }
}
