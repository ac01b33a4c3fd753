/** What must be nothing, by its name. */
export type Wrongs<O> = Readonly<Record<string, (outcome: O) => readonly string[]>>

/** Everything that went wrong, in words; empty when all is well. */
export function findingsIn<O extends { settledMs: number }>(outcome: O, wrongs: Wrongs<O>): string[] {
  const found = Object.entries(wrongs).flatMap(([name, list]) =>
    list(outcome).map((what) => `${name}: ${what}`),
  )
  return Number.isFinite(outcome.settledMs) ? found : [...found, 'not everything was answered in the end']
}

/** How many there are of each. */
export const countsIn = <O>(outcome: O, wrongs: Wrongs<O>): [string, string][] =>
  Object.entries(wrongs).map(([name, list]) => [name, String(list(outcome).length)])

/** Names and values below each other. */
export function aligned(rows: readonly [name: string, value: string][]): string {
  const width = Math.max(...rows.map(([name]) => name.length))
  return `${rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n')}\n`
}
