import { cpSync, existsSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { makeFolder } from '../../ops/folder.ts'
import { CommandFailure } from '../terminal.ts'
import type { Manifests } from './manifests.ts'

/**
 * Writes a tenant's folder as a whole or not at all; returns what was written, as it is shown. What is there is never
 * touched.
 */
export function writeTenant({ tenant, copy }: Manifests, files: ReadonlyMap<string, string>): string[] {
  const target = resolve(tenant)
  if (existsSync(target))
    throw new CommandFailure(
      `There is a tenant already: ${tenant}\n→ another name, or delete its folder first`,
    )
  if (copy && !existsSync(copy.from))
    throw new CommandFailure(
      `This installation has no manifests (${copy.from})\n→ use a checkout or an image of Parley`,
    )
  const unfinished = join(dirname(target), `.${basename(target)}.unfinished`)
  try {
    makeFolder(dirname(target))
    rmSync(unfinished, { recursive: true, force: true })
    makeFolder(unfinished)
    for (const [name, text] of files) writeFileSync(join(unfinished, name), text)
    if (copy) copyManifests(copy)
    renameSync(unfinished, target)
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true })
    throw new CommandFailure(
      `Cannot write: ${error instanceof Error ? error.message : String(error)}\n→ --folder names another place`,
    )
  }
  return [...(copy ? [`${copy.to}/`] : []), ...[...files.keys()].map((name) => join(tenant, name))]
}

function copyManifests({ from, to }: { from: string; to: string }): void {
  const tenants = join(from, 'tenants')
  cpSync(from, to, { recursive: true, filter: (path) => path !== tenants })
}
