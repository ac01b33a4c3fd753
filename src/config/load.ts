import { dirname, resolve } from 'node:path'
import type { Language } from '../model/language.ts'
import { buildConfig, embeddedPath, type PathOf } from './build.ts'
import { checkBot } from './bot.ts'
import { modelChain } from './chain.ts'
import { checkCombinations, checkStorage } from './checks.ts'
import type { Config } from './config.ts'
import { type Environ, type EnvironmentValues, readEnvironment } from './env.ts'
import { readYamlFile, type YamlFile } from './file.ts'
import { formatPath, type NameSetting, problemsOf } from './issues.ts'
import { layOver } from './overlay.ts'
import { dataHome, findFile } from './place.ts'
import type { Problem } from './problem.ts'
import { judge } from './judge.ts'
import type { Settings } from './schema.ts'
import { keptSecretKey, type MakeFolder } from './secrets.ts'
import { hasPages } from './sharing.ts'
import { findWarnings, type Warning } from './warnings.ts'

export interface LoadedConfig {
  config: Config
  /** The configuration file, absolute. */
  file: string
  /** There was no parley.yaml: this is the example that comes with Parley. */
  example: boolean
  /** Folder of the data, absolute. */
  dataDir: string
  /** Where the embedded database is, or would be, absolute; also where another one is in use. */
  embedded: string
  /** What works but is probably not meant. */
  warnings: Warning[]
  /** Files whose change is a change of the configuration, absolute. */
  files: string[]
}

export type LoadResult = LoadedConfig | { problems: Problem[] }

export interface LoadOptions {
  env: Environ
  cwd: string
  /** Makes the data folder for a new secret key. Not given: nothing is written; one neither set nor kept yet is empty. */
  makeFolder?: MakeFolder
  /**
   * A file that is named and not there counts as an empty one, for whoever brings it. What makes sense only together with it
   * is no problem then, but where the database and the backups are has to be known.
   */
  mayBeMissing?: boolean
  /** What is wrong with the FAQ file for a bot of these languages. Not given: it only has to be there. */
  faqProblems?: (path: string, languages: readonly Language[]) => Problem[]
}

/**
 * Reads the configuration: `parley.yaml` in the working directory (or what PARLEY_CONFIG names), else the agency
 * example, with the environment over it. Every problem is found at once; a configuration with one does not exist.
 * Relative paths of the environment are taken from `cwd`, those of the file from its own folder.
 */
export function loadConfig(options: LoadOptions): LoadResult {
  const { env, cwd, makeFolder, mayBeMissing = false, faqProblems = () => [] } = options
  const environment = readEnvironment(env, cwd)
  const found = findFile(environment.values.get('PARLEY_CONFIG'), cwd)
  const file = readYamlFile(found.path, { first: 'bot', mayBeMissing })
  const { content, origins } = layOver(file.content, environment.values)
  const nameSetting: NameSetting = (path) =>
    origins.get(origin(path, origins)) ?? `${formatPath(path)} (${file.locate(path)})`
  const { settings, issues } = judge(content)
  const problems = [...environment.problems, ...file.problems, ...problemsOf(issues, nameSetting)]
  // Where the bot's settings have problems, its languages may be others than those meant.
  const languages = issues.some(({ path }) => path[0] === 'bot') ? [] : settings.bot.languages
  const faqOf = (path: string) => faqProblems(path, languages)
  const pathOf: PathOf = (setting, path) => resolve(origins.has(setting) ? cwd : dataHome(found, cwd), path)
  const loaded = assemble({
    settings,
    environment,
    file,
    pathOf,
    makeFolder,
    nameSetting,
    faqOf,
    mayBeMissing,
    problems,
  })
  if ('problems' in loaded) return loaded
  return {
    ...loaded,
    file: file.path,
    example: found.example,
    warnings: findWarnings({ env, values: environment.values, links: settings.models.chain, ...loaded }),
  }
}

/** The longest start of a path that the environment gave: an entry of ADMIN_IDS is ADMIN_IDS. */
function origin(path: readonly PropertyKey[], origins: ReadonlyMap<string, string>): string {
  const starts = path.map((_, index) => path.slice(0, index + 1).join('.'))
  return starts.find((start) => origins.has(start)) ?? ''
}

interface Parsed {
  settings: Settings
  environment: EnvironmentValues
  file: YamlFile
  pathOf: PathOf
  makeFolder: MakeFolder | undefined
  nameSetting: NameSetting
  /** What is wrong with the FAQ file. */
  faqOf: (path: string) => Problem[]
  mayBeMissing: boolean
  problems: Problem[]
}

function assemble(
  parsed: Parsed,
): Pick<LoadedConfig, 'config' | 'dataDir' | 'embedded' | 'files'> | { problems: Problem[] } {
  const { settings, environment, file, pathOf, makeFolder, nameSetting, faqOf, mayBeMissing } = parsed
  const { values } = environment
  const home = dirname(file.path)
  const models = modelChain(settings.models.chain, values)
  const checked = { settings, values, nameSetting }
  const problems = [
    ...parsed.problems,
    ...(mayBeMissing
      ? checkStorage(checked)
      : [
          ...checkCombinations(checked),
          ...checkBot(settings.bot, home, nameSetting, faqOf),
          ...models.problems,
        ]),
  ]
  if (problems.length > 0) return { problems }
  const dataDir = pathOf('data_dir', settings.data_dir)
  const secretKey =
    values.get('SECRET_KEY') ?? keptSecretKey(dataDir, hasPages(values) ? makeFolder : undefined)
  if (typeof secretKey !== 'string') return { problems: [secretKey] }
  const config = buildConfig({ settings, values, chain: models.chain, secretKey, home, dataDir, pathOf })
  const files = [file.path, ...(config.bot.faq === undefined ? [] : [config.bot.faq]), ...environment.files]
  return { config, dataDir, embedded: embeddedPath({ settings, dataDir, pathOf }), files }
}
