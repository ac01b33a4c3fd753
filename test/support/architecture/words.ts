import { isTest, partOf } from './rule.ts'
import type { Source, Use } from './source.ts'

const allowed: Record<Use, (path: string) => boolean> = {
  any: () => false,
  'process.env': (path) => path === 'src/config/env.ts' || isTest(path),
  console: (path) => partOf(path) === 'cli' || partOf(path) === 'bench' || isTest(path),
}

const reasons: Record<Use, string> = {
  any: 'say what it is, or `unknown`',
  'process.env': 'only src/config/env.ts reads the environment',
  console: 'only the command line writes to the console; others have a log',
}

/** No `any`, no stray read of the environment, no stray output. */
export function words(sources: Source[]): string[] {
  return sources.flatMap(({ path, uses }) =>
    uses
      .filter(({ what }) => !allowed[what](path))
      .map(({ what, line }) => `${path}:${line} uses ${what}: ${reasons[what]}`),
  )
}

const forbidden = /(^|[-.])(utils?|helpers?|common|managers?|services?|misc)([-.]|$)/

/** A file is named after its idea. */
export function names(sources: Source[]): string[] {
  return sources
    .filter(({ path }) => path.split('/').some((part) => forbidden.test(part.replace(/\.\w+$/, ''))))
    .map(({ path }) => `${path}:1 has a name that says nothing: name it after its idea`)
}
