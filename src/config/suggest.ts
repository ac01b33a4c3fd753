/**
 * The candidate a misspelt name most likely means, or `undefined` when none is near: at most two letters
 * or a third of them differ (Levenshtein distance, letters' case and `-`/`_` ignored).
 */
export function suggest(name: string, candidates: Iterable<string>): string | undefined {
  const wanted = fold(name)
  let best: string | undefined
  let bestDistance = Math.max(wanted.length < 4 ? 1 : 2, Math.floor(wanted.length / 3)) + 1
  for (const candidate of candidates) {
    const found = distance(wanted, fold(candidate), bestDistance)
    if (found < bestDistance) {
      best = candidate
      bestDistance = found
    }
  }
  return best
}

/** The `count` candidates that are nearest to a name, however far they are. */
export function nearestTo(name: string, candidates: readonly string[], count: number): string[] {
  const far = 64
  return candidates
    .map((candidate) => ({ candidate, away: distance(fold(name), fold(candidate), far) }))
    .toSorted((one, other) => one.away - other.away)
    .slice(0, count)
    .map(({ candidate }) => candidate)
}

function fold(name: string): string {
  return name.toLowerCase().replace(/[-_]/g, '').slice(0, 64)
}

/** Edit distance, or `limit` when it is at least that. */
function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const [row, letter] of [...a].entries()) {
    const current = [row + 1]
    for (const [column, other] of [...b].entries()) {
      const replaced = (previous[column] ?? 0) + (letter === other ? 0 : 1)
      current.push(Math.min(replaced, (previous[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1))
    }
    previous = current
  }
  return previous.at(-1) ?? limit
}
