import { isTest } from './rule.ts'
import type { Source } from './source.ts'

const maxFileLines = 400
const maxFunctionLines = 60
const maxMedianLines = 70

const isMigration = (path: string): boolean => path.startsWith('src/store/migrations/')

/** Files and functions are short; migrations and tests are as long as they are. */
export function sizes(sources: Source[]): string[] {
  const judged = sources.filter(({ path }) => !isTest(path) && !isMigration(path))
  const median = medianLines(sources)
  return [
    ...judged
      .filter(({ lines }) => lines > maxFileLines)
      .map(({ path, lines }) => `${path}:1 has ${lines} lines: at most ${maxFileLines}`),
    ...judged.flatMap(({ path, functions }) =>
      functions
        .filter(({ lines }) => lines > maxFunctionLines)
        .map(
          ({ line, lines }) => `${path}:${line} is a function of ${lines} lines: at most ${maxFunctionLines}`,
        ),
    ),
    ...(median > maxMedianLines ? [`the median file has ${median} lines: at most ${maxMedianLines}`] : []),
  ]
}

/** Lines of the file in the middle, tests left out. */
export const medianLines = (sources: Source[]): number =>
  quantile(
    sources.filter(({ path }) => !isTest(path)).map(({ lines }) => lines),
    0.5,
  )

/** The value below which `share` of the values are; 0 of none. */
export function quantile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}
