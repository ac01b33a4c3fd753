// Makes an installation runnable: the right Node, the packages, the pages. Plain JavaScript without packages,
// because it runs before any is there, on whatever Node the host has (18 or newer).
import { accessSync, constants, existsSync } from 'node:fs'
import { join } from 'node:path'
import { explain } from './prepare/failure.mjs'
import { withLock } from './prepare/lock.mjs'
import { ensureNode } from './prepare/node.mjs'
import { ensurePackages, packagesAreCurrent } from './prepare/packages.mjs'
import { ensurePages, pagesAreCurrent } from './prepare/pages.mjs'
import { hostNodeFits, installedNode, root, workFolder } from './prepare/paths.mjs'

/**
 * Prepares what a command needs and returns how to run it: the Node program and the environment for it.
 * Costs some milliseconds when nothing has to be done. Throws a `Failure` that says what to do.
 * @param {{ pages: boolean }} needs
 * @returns {Promise<{ node: string, env: NodeJS.ProcessEnv }>}
 */
export async function prepare(needs) {
  if (!isPrepared(needs)) {
    await withLock(async () => {
      const node = await ensureNode()
      await ensurePackages(node)
      if (needs.pages) await ensurePages(node)
    })
  }
  const node = hostNodeFits() ? process.execPath : installedNode()
  return { node, env: environmentFor(node) }
}

/** Throws where a start would fail because it has to prepare something and may not write here. */
export function requireStart() {
  if (isPrepared({ pages: true })) return
  try {
    accessSync(existsSync(workFolder) ? workFolder : root, constants.W_OK)
  } catch (error) {
    throw explain('What a start has to prepare', error.message)
  }
}

/** @param {{ pages: boolean }} needs */
function isPrepared(needs) {
  const nodeIsThere = hostNodeFits() || existsSync(installedNode())
  return nodeIsThere && packagesAreCurrent() && (!needs.pages || pagesAreCurrent())
}

/**
 * The right Node comes first in PATH; compiled code is kept, so that the next start is faster; two heaps of malloc instead
 * of eight a core keep some 10 MB less (mallopt(3)).
 */
function environmentFor(node) {
  const folder = join(node, '..')
  const cache = process.env.NODE_COMPILE_CACHE ?? join(root, 'node_modules', '.cache', 'node')
  return {
    MALLOC_ARENA_MAX: '2',
    ...process.env,
    PATH: `${folder}:${process.env.PATH ?? ''}`,
    NODE_COMPILE_CACHE: cache,
  }
}
