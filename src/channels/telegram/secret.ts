import { createHash, timingSafeEqual } from 'node:crypto'

/** Compares in constant time, whatever the lengths: the digests are compared. */
export function createSecretCheck(secret: string): (given: string | undefined) => boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  const expected = digest(secret)
  return (given) => {
    const same = timingSafeEqual(digest(given ?? ''), expected)
    return same && secret !== ''
  }
}
