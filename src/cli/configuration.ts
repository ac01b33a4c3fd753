import { Option } from 'commander'
import { processEnvironment } from '../config/env.ts'
import { type LoadedConfig, type LoadResult, loadConfig } from '../config/load.ts'
import { formatProblem, type Problem } from '../config/problem.ts'
import { CommandFailure } from './terminal.ts'

export interface ConfigOptions {
  config?: string
}

/** `--config`, the same for every command that needs one. */
export function configOption(): Option {
  return new Option('-c, --config <path>', 'parley.yaml or its folder (default: this folder)')
}

/** Reads the configuration as `--config` and the environment say. `makeKey`: for a server, which needs its secret key. */
export function readConfig({ config }: ConfigOptions, makeKey = false): LoadResult {
  const cwd = process.cwd()
  const env = processEnvironment(cwd)
  return loadConfig({ env: config === undefined ? env : { ...env, PARLEY_CONFIG: config }, cwd, makeKey })
}

/** The configuration, or the end of the command with every problem of it. */
export function requireConfig(options: ConfigOptions, makeKey = false): LoadedConfig {
  const result = readConfig(options, makeKey)
  if ('problems' in result) throw new CommandFailure(describeProblems(result.problems), 2)
  return result
}

export function describeProblems(problems: readonly Problem[]): string {
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`
  const lines = problems.map((problem) => `  - ${formatProblem(problem)}`)
  return `The configuration has ${count}; nothing was started.\n${lines.join('\n')}`
}
