import { cycles } from './cycles.ts'
import { contractsOnly, siblings } from './families.ts'
import { layers, pages } from './layers.ts'
import { isTest } from './rule.ts'
import type { Rule } from './rule.ts'
import { medianLines, quantile, sizes } from './sizes.ts'
import { readSource } from './source.ts'
import { names, words } from './words.ts'

const rules: Rule[] = [layers, pages, contractsOnly, siblings, cycles, sizes, words, names]

/** What is wrong, and how large things are. */
export interface Report {
  problems: string[]
  figures: { files: number; medianFile: number; p95File: number; medianFunction: number; p95Function: number }
}

/** Holds the sources (path from the root → text) against the rules of ARCHITECTURE.md §3. */
export function checkArchitecture(files: ReadonlyMap<string, string>): Report {
  const sources = [...files].map(([path, text]) => readSource(path, text))
  const own = sources.filter(({ path }) => !isTest(path))
  const functions = own.flatMap((source) => source.functions.map(({ lines }) => lines))
  return {
    problems: rules.flatMap((rule) => rule(sources)),
    figures: {
      files: own.length,
      medianFile: medianLines(sources),
      p95File: quantile(
        own.map(({ lines }) => lines),
        0.95,
      ),
      medianFunction: quantile(functions, 0.5),
      p95Function: quantile(functions, 0.95),
    },
  }
}
