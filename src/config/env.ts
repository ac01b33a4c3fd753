import { readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { thisUser } from '../model/user.ts'
import { environmentNames } from './names.ts'
import { findFile } from './place.ts'
import type { Problem } from './problem.ts'

export type Environ = Readonly<Record<string, string | undefined>>

/**
 * The environment of this process with what a command was `given` over it, and under it what the `.env` file in the
 * folder of the configuration says, and under that the one in the working directory. The only place that reads
 * `process.env`.
 */
export function processEnvironment(cwd: string, given: Environ = {}): Environ {
  const near = { ...dotEnv(cwd), ...process.env, ...given }
  const { path, example } = findFile(near['PARLEY_CONFIG'], cwd)
  const home = dirname(path)
  if (example || home === cwd) return near
  // Which configuration is read was decided before its own file could say so.
  const { PARLEY_CONFIG: _, ...own } = absolute(dotEnv(home), home)
  return { ...dotEnv(cwd), ...own, ...process.env, ...given }
}

function dotEnv(folder: string): Environ {
  try {
    return parseEnv(readFileSync(join(folder, '.env'), 'utf8'))
  } catch {
    return {} // There need not be one.
  }
}

/** Paths of an `.env` file are meant from where it lies. */
function absolute(values: Environ, folder: string): Environ {
  const isPath = /^(DATA_DIR|DATABASE_PATH|BACKUP_DIR|[A-Z_]+_FILE)$/
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      value && isPath.test(name) ? resolve(folder, value) : value,
    ]),
  )
}

export interface EnvironmentValues {
  /** Name to value, secrets included. An empty value counts as not set: Compose passes those. */
  values: ReadonlyMap<string, string>
  /** Files that held secrets, absolute. */
  files: string[]
  problems: Problem[]
}

/** Reads the known names of an environment and the files that `NAME_FILE` points to. */
export function readEnvironment(env: Environ, cwd: string): EnvironmentValues {
  const values = new Map<string, string>()
  const files: string[] = []
  const problems: Problem[] = []
  for (const { name, secret } of environmentNames) {
    const value = env[name]
    if (value) values.set(name, value)
    const file = secret ? env[`${name}_FILE`] : undefined
    if (!file) continue
    const path = resolve(cwd, file)
    files.push(path)
    const read = value ? bothSet(name) : readSecretFile(name, path)
    if (typeof read === 'string') values.set(name, read)
    else problems.push(read)
  }
  return { values, files, problems }
}

function bothSet(name: string): Problem {
  return { setting: `${name}, ${name}_FILE`, found: 'both set', expected: 'one of them; remove the other' }
}

const largestSecret = 16_384

function readSecretFile(name: string, path: string): string | Problem {
  const setting = `${name}_FILE`
  try {
    const text = readFileSync(path, 'utf8').trim()
    if (text !== '' && text.length <= largestSecret) return text
    const found = text === '' ? `the empty file ${path}` : `the file ${path} of ${text.length} characters`
    return { setting, found, expected: 'a file that holds the secret and nothing else' }
  } catch (error) {
    return {
      setting,
      found: `${path}, unreadable (${code(error)})`,
      expected: `a file that the user ${thisUser()} may read`,
    }
  }
}

function code(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}
