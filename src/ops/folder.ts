import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Makes a folder and those above it; nothing when it is there. Not `recursive: true`: where a parent cannot be made
 * although it is missing (under /proc) that tries for ever. Throws what the file system says.
 */
export function makeFolder(path: string, mode?: number): void {
  if (existsSync(path)) return
  const parent = dirname(path)
  if (parent !== path) makeFolder(parent, mode)
  try {
    mkdirSync(path, mode === undefined ? {} : { mode })
  } catch (error) {
    // Another process was quicker.
    if (!existsSync(path)) throw error
  }
}
