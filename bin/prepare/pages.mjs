import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { say } from './failure.mjs'
import { bringsItsPages, pagesConfiguration, root } from './paths.mjs'
import { run } from './run.mjs'
import { inScratchFolder, putInPlace } from './scratch.mjs'

const built = join(root, 'dist', 'web')
const stampFile = join(root, 'dist', 'web.stamp')

/** Whether the built pages are those of the sources. */
export function pagesAreCurrent() {
  if (bringsItsPages()) return true
  return existsSync(built) && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp()
}

/** Builds the pages into `dist/web`; the old ones stay until the new are complete. */
export async function ensurePages(node) {
  if (pagesAreCurrent()) return
  say('Building the pages …')
  const action = 'Building the pages'
  const wanted = stamp()
  await inScratchFolder(action, async (folder) => {
    const output = join(folder, 'web')
    const vite = join('node_modules', 'vite', 'bin', 'vite.js')
    const args = [vite, 'build', 'web', '--config', pagesConfiguration, '--outDir', output, '--emptyOutDir']
    await run(action, node, args, { node })
    mkdirSync(join(root, 'dist'), { recursive: true })
    rmSync(stampFile, { force: true })
    putInPlace(output, built, folder)
    writeFileSync(stampFile, wanted)
  })
}

/** Changes with every source of the pages: their folder, the contract they share with the server, the packages. */
function stamp() {
  const hash = createHash('sha256')
  for (const folder of ['web', join('src', 'http', 'contract')]) addFolder(hash, folder)
  return hash.update(readFileSync(join(root, 'package-lock.json'))).digest('hex')
}

function addFolder(hash, folder) {
  const entries = readdirSync(join(root, folder), { withFileTypes: true })
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) addFolder(hash, path)
    else hash.update(`${path}\0`).update(readFileSync(join(root, path)))
  }
}
