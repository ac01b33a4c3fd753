import type { Source } from './source.ts'

/** Looks at all files and names what is wrong, as `path:line what, and why`. */
export type Rule = (sources: Source[]) => string[]

const testFile = /\.test\.tsx?$/

/** Tests may be long and reach anywhere. */
export const isTest = (path: string): boolean => testFile.test(path)

/** The part of the map a file belongs to: `store`, `app`, `web` …; undefined outside of it. */
export function partOf(path: string): string | undefined {
  const [top, next] = path.split('/')
  if (top !== 'src') return top
  if (next === undefined || !next.endsWith('.ts')) return next
  if (next === 'main.ts') return 'main'
  return /^app(-[\w-]+)?\.ts$/.test(next) ? 'app' : undefined
}
