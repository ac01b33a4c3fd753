import { existsSync } from 'node:fs'
import { say } from './failure.mjs'
import { hostNodeFits, installedNode, nodeFolder, nodePackage } from './paths.mjs'
import { run, runNpm } from './run.mjs'
import { inScratchFolder, putInPlace } from './scratch.mjs'

/** The Node to use: the host's when it is new enough, else a private one below `.node`. */
export async function ensureNode() {
  if (hostNodeFits()) return process.execPath
  if (existsSync(installedNode())) return installedNode()
  say(`Installing Node 24 (this machine has ${process.versions.node}) …`)
  const action = 'Installing Node 24'
  await inScratchFolder(action, async (folder) => {
    const scripts = nodePackage.needsScripts ? [] : ['--ignore-scripts']
    const args = [
      'install',
      '--prefix',
      folder,
      '--no-save',
      '--no-package-lock',
      ...scripts,
      nodePackage.spec,
    ]
    await runNpm(action, args, { cwd: folder, node: process.execPath })
    await run(action, installedNode(folder), ['--version'])
    putInPlace(folder, nodeFolder, folder)
  })
  return installedNode()
}
