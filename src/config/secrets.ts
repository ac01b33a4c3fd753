import { randomBytes } from 'node:crypto'
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Problem } from './problem.ts'

/** SECRET_KEY has at least this many characters. */
export const shortestKey = 32

const wellKnown =
  'changeme changethis changeit password passw0rd secret example placeholder replaceme insecure default yourkey mykey ' +
  'testtest letmein qwerty postgres admin 12345678 development'

/** Why a secret is too easy to guess, or `undefined` when it is not. For secrets that a machine could have made. */
export function weakness(secret: string): string | undefined {
  const folded = secret.toLowerCase().replace(/[^a-z0-9]/g, '')
  const word = wellKnown.split(' ').find((candidate) => folded.includes(candidate))
  if (word !== undefined) return `it contains the well-known "${word}"`
  if (new Set(secret).size < Math.min(10, secret.length * 0.6)) return 'it has few different characters'
  if (repeats(secret)) return 'it repeats itself'
  if (steps(secret) > secret.length / 2) return 'its characters follow one another'
  return undefined
}

/** The same piece over and over. */
function repeats(secret: string): boolean {
  return secret.length > 2 && (secret + secret).indexOf(secret, 1) <= secret.length / 2
}

/** How many characters are the neighbour of the one before, as in `abcdef`. */
function steps(secret: string): number {
  const codes = [...secret].map((letter) => letter.codePointAt(0) ?? 0)
  return codes.filter((code, index) => Math.abs(code - (codes[index - 1] ?? code)) === 1).length
}

/** Shows that a secret is set without telling it: its length, and two characters when it is long. */
export function describeSecret(secret: string): string {
  const hint = secret.length >= 16 ? `${secret.slice(0, 2)}***` : '***'
  return `${hint} (${secret.length} characters)`
}

/** Makes a folder and those above it, or throws. */
export type MakeFolder = (path: string, mode: number) => void

/**
 * The key kept in the data folder, made at the first call (mode 0600). Processes that start at the same moment
 * get the same one: a finished file is linked into place, and whoever comes second reads the first one's.
 * Without `makeFolder` nothing is written, and a key that is not there is empty.
 */
export function keptSecretKey(dataDir: string, makeFolder: MakeFolder | undefined): string | Problem {
  const path = join(dataDir, 'secret.key')
  try {
    const kept = readFile(path)
    if (kept === undefined) {
      if (!makeFolder) return ''
      makeFolder(dataDir, 0o700)
    }
    const key = kept ?? createKey(path)
    if (key.length >= shortestKey) return key
    return {
      setting: path,
      found: describeSecret(key),
      expected: `at least ${shortestKey} characters; delete the file to get a new one`,
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return {
      setting: 'DATA_DIR',
      found: reason,
      expected: 'a folder this process may write to, or SECRET_KEY set',
    }
  }
}

function readFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

function createKey(path: string): string {
  const draft = `${path}.${randomBytes(6).toString('hex')}`
  const key = randomBytes(48).toString('base64url')
  writeFileSync(draft, `${key}\n`, { mode: 0o600, flush: true })
  try {
    linkSync(draft, path)
    return key
  } catch (error) {
    const other = readFile(path)
    if (other === undefined) throw error
    return other
  } finally {
    rmSync(draft, { force: true })
  }
}
