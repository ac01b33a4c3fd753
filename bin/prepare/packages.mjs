import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { say } from './failure.mjs'
import { bringsItsPages, root } from './paths.mjs'
import { runNpm } from './run.mjs'
import { inScratchFolder, putInPlace } from './scratch.mjs'

const lockFile = join(root, 'package-lock.json')
const modules = join(root, 'node_modules')
const stampFile = join(modules, '.parley-stamp')

/** Whether `node_modules` holds what `package-lock.json` asks for, on this platform. */
export function packagesAreCurrent() {
  const wanted = stamp()
  if (readIfThere(stampFile) === wanted) return true
  if (!wasInstalledByHand()) return false
  try {
    writeFileSync(stampFile, wanted)
  } catch {
    // A read-only installation compares at every start instead.
  }
  return true
}

/** Installs exactly what the lock file names. Made aside and put in place whole, so that a kill leaves no half. */
export async function ensurePackages(node) {
  if (packagesAreCurrent()) return
  say('Installing packages …')
  const action = 'Installing packages'
  await inScratchFolder(action, async (folder) => {
    for (const name of ['package.json', 'package-lock.json', '.npmrc']) {
      if (existsSync(join(root, name))) cpSync(join(root, name), join(folder, name))
    }
    // No package of ours needs its install script: binaries come prebuilt.
    await runNpm(action, ['ci', '--engine-strict', '--ignore-scripts'], { cwd: folder, node })
    const fresh = join(folder, 'node_modules')
    mkdirSync(fresh, { recursive: true })
    writeFileSync(join(fresh, '.parley-stamp'), stamp())
    replaceModules(fresh, folder)
  })
}

function replaceModules(fresh, scratch) {
  try {
    putInPlace(fresh, modules, scratch)
  } catch (error) {
    // A mounted volume cannot be renamed: its contents are replaced, the stamp last.
    if (error.code !== 'EBUSY' && error.code !== 'EXDEV') throw error
    const finished = join(fresh, '.parley-stamp')
    const last = join(scratch, 'stamp')
    renameSync(finished, last)
    cpSync(fresh, modules, { recursive: true, verbatimSymlinks: true, force: true })
    cpSync(last, stampFile)
  }
}

function stamp() {
  const content = createHash('sha256').update(readFileSync(lockFile)).digest('hex')
  return `${content} ${process.platform}-${process.arch}\n`
}

/**
 * Whether npm itself recorded, at the end of an install by hand, the very packages of the lock file. An image is installed
 * without those of development.
 */
function wasInstalledByHand() {
  const recorded = readIfThere(join(modules, '.package-lock.json'))
  if (recorded === undefined) return false
  const installed = JSON.parse(recorded).packages
  const wanted = JSON.parse(readFileSync(lockFile, 'utf8')).packages
  return Object.entries(wanted).every(([path, entry]) => {
    const found = installed[path]
    if (found === undefined)
      return path === '' || entry.optional || entry.devOptional || (entry.dev && bringsItsPages())
    return found.version === entry.version && found.integrity === entry.integrity
  })
}

function readIfThere(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
