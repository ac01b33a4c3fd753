/**
 * Lets callers through one after the other, `perSecond` of them; who would have to wait longer than `longestMs` does not
 * wait at all, so that no more wait than go in that time.
 */
export function createPace(perSecond: number, longestMs: number): () => Promise<void> {
  let next = 0
  return async () => {
    const now = performance.now()
    const at = Math.max(now, next)
    if (at - now > longestMs) return
    next = at + 1000 / perSecond
    if (at > now) await new Promise((resolve) => setTimeout(resolve, at - now))
  }
}
