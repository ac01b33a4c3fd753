import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

export interface Version {
  version: string
  /** Full hash, or `unknown`. */
  commit: string
  /** ISO 8601, or `unknown` when this is not a built image. */
  builtAt: string
  /** Milliseconds since the epoch. */
  startedAt: number
}

/**
 * What is running: the version of package.json, and the commit and time an image was built with
 * (`dist/build.json`: `{"commit", "builtAt"}`). A checkout has no such file; its commit is read from
 * the files of git, without starting a process.
 */
export function readVersion(
  root: string = join(import.meta.dirname, '../..'),
  startedAt = processStart(),
): Version {
  const build = readJson(join(root, 'dist/build.json'))
  return {
    version: text(readJson(join(root, 'package.json')), 'version'),
    commit: build ? text(build, 'commit') : (gitCommit(root) ?? 'unknown'),
    builtAt: text(build, 'builtAt'),
    startedAt,
  }
}

function processStart(): number {
  return Math.round(performance.timeOrigin)
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined // Absent or damaged is the same here: the version is unknown, the bot still runs.
  }
}

function text(record: unknown, key: string): string {
  if (typeof record !== 'object' || record === null) return 'unknown'
  const value = new Map(Object.entries(record)).get(key)
  return typeof value === 'string' && value !== '' ? value : 'unknown'
}

/** Follows HEAD as gitrepository-layout(5) describes: a hash, or a reference kept loose or packed. */
function gitCommit(root: string): string | undefined {
  try {
    const folder = gitFolder(join(root, '.git'))
    const head = readFileSync(join(folder, 'HEAD'), 'utf8').trim()
    const name = /^ref: (.+)$/.exec(head)?.[1]
    return name === undefined ? hash(head) : reference(folder, name)
  } catch {
    return undefined // Not a checkout.
  }
}

/** A worktree has a file instead of a folder, naming where its own folder is. */
function gitFolder(path: string): string {
  if (statSync(path).isDirectory()) return path
  const target = readFileSync(path, 'utf8')
    .replace(/^gitdir: /, '')
    .trim()
  return resolve(dirname(path), target)
}

function reference(folder: string, name: string): string | undefined {
  const shared = join(folder, 'commondir')
  const home = existsSync(shared) ? resolve(folder, readFileSync(shared, 'utf8').trim()) : folder
  const loose = join(home, name)
  if (existsSync(loose)) return hash(readFileSync(loose, 'utf8').trim())
  const packed = readFileSync(join(home, 'packed-refs'), 'utf8').split('\n')
  return hash(packed.find((line) => line.endsWith(` ${name}`))?.split(' ')[0])
}

function hash(value: string | undefined): string | undefined {
  return value !== undefined && /^[0-9a-f]{40,64}$/.test(value) ? value : undefined
}
