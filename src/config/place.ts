import { existsSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

/** Which configuration file is read, absolute. */
export interface Place {
  path: string
  /** There is no parley.yaml, and none is named: it is the example that comes with Parley. */
  example: boolean
}

const exampleFile = join(import.meta.dirname, '../../examples/agency/parley.yaml')

/** The file (or the parley.yaml of the folder) that is named, else that of the working directory, else the example. */
export function findFile(named: string | undefined, cwd: string): Place {
  if (named) {
    const path = resolve(cwd, named)
    return { path: isFolder(path) ? join(path, 'parley.yaml') : path, example: false }
  }
  const own = join(cwd, 'parley.yaml')
  return existsSync(own) ? { path: own, example: false } : { path: exampleFile, example: true }
}

/** Whose folder a bot's data lies in: its own; that of the example is part of Parley, so there the working directory. */
export const dataHome = ({ path }: Place, cwd: string): string => (path === exampleFile ? cwd : dirname(path))

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}
