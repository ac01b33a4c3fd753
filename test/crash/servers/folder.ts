import { rmSync } from 'node:fs'
import { createFolder, removeOrphans } from '../../support/servers/server.ts'

const kind = 'crash'
const made = new Set<string>()

// Whoever is interrupted leaves nothing behind; whoever is killed leaves it to the next run.
process.on('exit', () => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true })
})

/** A new folder that is gone at the latest when this process ends. */
export function createCrashFolder(): string {
  const folder = createFolder(kind)
  made.add(folder)
  return folder
}

export async function removeFolder(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true })
  made.delete(folder)
}

/** Folders of runs that were killed; their programs died with them. */
export const removeLeftFolders = (): Promise<void> => removeOrphans(kind, async () => undefined)
