import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Option } from 'commander'
import type { FaqReader } from '../app/faq-file.ts'
import { type Environ, processEnvironment } from '../config/env.ts'
import { type LoadedConfig, type LoadResult, loadConfig } from '../config/load.ts'
import { findFile } from '../config/place.ts'
import { formatProblem, type Problem } from '../config/problem.ts'
import { makeFolder } from '../ops/folder.ts'
import { CommandFailure } from './terminal.ts'

export interface ConfigOptions {
  config?: string
  role?: string
}

/** `--config`, the same for every command that needs one. */
export function configOption(): Option {
  return new Option('-c, --config <path>', 'parley.yaml or its folder (default: this folder)')
}

/** What a command that is told needs besides, to work on the same bot: ` -c PLACE`, or nothing. */
export function sameBot({ config }: Pick<ConfigOptions, 'config'>): string {
  if (config === undefined) return ''
  return ` -c ${shellWord(config)}`
}

/** A path as it is typed. */
export const shellWord = (path: string): string => (/^[\w./-]+$/.test(path) ? path : JSON.stringify(path))

export interface ReadOptions {
  /** For a server, which needs its secret key. */
  makeKey?: boolean
  /** For whoever answers: what is in the FAQ file is checked too, which takes a tenth of a second. */
  faq?: FaqReader
  /** A file that is named and not there counts as an empty one. */
  mayBeMissing?: boolean
}

const environmentOf = ({ config, role }: ConfigOptions, cwd: string): Environ =>
  processEnvironment(cwd, {
    ...(config === undefined ? {} : { PARLEY_CONFIG: config }),
    ...(role === undefined ? {} : { PARLEY_ROLE: role }),
  })

/** Where parley.yaml is wanted and is not, absolute; `undefined`: it is there, or what is named is no YAML file. */
export function missingFile(options: ConfigOptions): string | undefined {
  const cwd = process.cwd()
  const { path, example } = findFile(environmentOf(options, cwd)['PARLEY_CONFIG'], cwd)
  if (example) return join(cwd, 'parley.yaml')
  return existsSync(path) || !/\.ya?ml$/.test(path) ? undefined : path
}

/** Reads the configuration as `--config`, `--role` and the environment say. */
export function readConfig(
  options: ConfigOptions,
  { makeKey = false, faq, mayBeMissing = false }: ReadOptions = {},
): LoadResult {
  const cwd = process.cwd()
  const env = environmentOf(options, cwd)
  return loadConfig({
    env,
    cwd,
    mayBeMissing,
    ...(makeKey && { makeFolder }),
    ...(faq && { faqProblems: faq.problems }),
  })
}

/** The configuration, or the end of the command with every problem of it. */
export function requireConfig(options: ConfigOptions, how?: ReadOptions): LoadedConfig {
  const result = readConfig(options, how)
  if ('problems' in result) throw new CommandFailure(describeProblems(result.problems), 2)
  return result
}

/**
 * The configuration; where there is no parley.yaml yet, only where its database and its backups are: they are there before a
 * restore brings it.
 */
export function requirePlace(options: ConfigOptions): LoadedConfig {
  const missing = missingFile(options)
  return missing === undefined
    ? requireConfig(options)
    : requireConfig({ config: missing }, { mayBeMissing: true })
}

export function describeProblems(problems: readonly Problem[]): string {
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`
  const lines = problems.map((problem) => `  - ${formatProblem(problem)}`)
  return `The configuration has ${count}; nothing was started.\n${lines.join('\n')}`
}
