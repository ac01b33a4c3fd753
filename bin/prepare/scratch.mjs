import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { explain } from './failure.mjs'
import { workFolder } from './paths.mjs'

const prefix = 'unfinished-'

/**
 * Runs `work` in a new folder that is gone afterwards. Leftovers of starts that were killed are removed first; a
 * child process they left behind keeps writing into nothing.
 */
export async function inScratchFolder(action, work) {
  const folder = join(workFolder, `${prefix}${process.pid}-${randomBytes(4).toString('hex')}`)
  try {
    for (const name of readdirSync(workFolder)) {
      if (name.startsWith(prefix)) remove(join(workFolder, name))
    }
    mkdirSync(folder, { recursive: true })
    return await work(folder)
  } catch (error) {
    throw error.advice === undefined ? explain(action, error.message) : error
  } finally {
    remove(folder)
  }
}

/** Puts a finished folder in its place; what was there goes. */
export function putInPlace(finished, target, scratch) {
  try {
    renameSync(target, join(scratch, 'replaced'))
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
  }
  renameSync(finished, target)
}

function remove(folder) {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  } catch {
    // Still written by an orphan; the next start removes it.
  }
}
