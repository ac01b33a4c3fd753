/** `0.4 s`, `75 s`, `12 min`. */
export function durationText(ms: number): string {
  if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`
  return ms < 120_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`
}

const steps: readonly [unit: string, size: number][] = [
  ['GB', 1e9],
  ['MB', 1e6],
  ['KB', 1e3],
]

/** `3.1 MB`, `812 KB`. */
export function sizeText(bytes: number): string {
  const [unit, size] = steps.find((step) => bytes >= step[1]) ?? ['bytes', 1]
  const amount = bytes / size
  return `${amount < 10 && size > 1 ? amount.toFixed(1) : Math.round(amount)} ${unit}`
}

/** How long ago, to the unit that matters: `3 min`, `7 h`, `12 days`. */
export function ageText(ms: number): string {
  if (ms < 90_000) return `${Math.max(0, Math.round(ms / 1000))} s`
  if (ms < 90 * 60_000) return `${Math.round(ms / 60_000)} min`
  return ms < 48 * 3_600_000 ? `${Math.round(ms / 3_600_000)} h` : `${Math.round(ms / 86_400_000)} days`
}
