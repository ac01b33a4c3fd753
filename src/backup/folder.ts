import { createReadStream, existsSync } from 'node:fs'
import { access, constants, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { digestOf, syncFolder, writeDurably } from './archive.ts'
import type { Destination, StoredFile } from './destination.ts'
import { backupFault, codeOf, ofFileSystem, reasonOf } from './fault.ts'
import { thisUser } from '../model/user.ts'
import type { Bytes } from './bytes.ts'
import { parseName } from './name.ts'

const partial = (name: string): string => `.${name}.partial`

/** Backups in a folder, which is made when the first is kept. */
export function createFolderDestination(folder: string): Destination {
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      throw ofFileSystem(error, folder)
    }
  }
  return {
    where: folder,
    list: () => guarded(() => filesIn(folder)),
    async read(name) {
      const path = join(folder, name)
      if (!existsSync(path)) throw missing(name, folder)
      return readFileAt(path)
    },
    put: (name, file) => guarded(() => putFile(folder, name, file)),
    remove: (name) => guarded(() => rm(join(folder, name), { force: true })),
  }
}

/** What is in a backup's file; throws where this user may not read it. */
export async function readFileAt(path: string): Promise<Bytes> {
  try {
    await access(path, constants.R_OK)
  } catch (error) {
    throw unreadable(path, error)
  }
  return createReadStream(path)
}

export const unreadable = (path: string, error: unknown) =>
  backupFault(
    'BACKUP_FAILED',
    `The user ${thisUser()} cannot read ${path}: ${reasonOf(error)}`,
    `put it where that user may enter, and give it to that user: chown ${thisUser()}, or chmod a+r if others may read it`,
    error,
  )

export const missing = (name: string, where: string) =>
  backupFault(
    'BACKUP_FAILED',
    `There is no backup ${name} in ${where}`,
    'parley backup list tells which there are',
  )

async function filesIn(folder: string): Promise<StoredFile[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  })
  const found = await Promise.all(
    names.map(async (name) => ({ name, stats: await stat(join(folder, name)).catch(() => undefined) })),
  )
  return found.flatMap(({ name, stats }) => (stats?.isFile() ? [{ name, bytes: stats.size }] : []))
}

async function putFile(folder: string, name: string, file: string): Promise<void> {
  const draft = join(folder, partial(name))
  try {
    await dropPartials(folder, name)
    await writeDurably(draft, createReadStream(file))
    const [given, kept] = await Promise.all([file, draft].map((path) => digestOf(createReadStream(path))))
    if (given !== kept)
      throw backupFault('BACKUP_FAILED', `What ${folder} keeps is not what was written`, 'look at that disk')
    await rename(draft, join(folder, name))
    await syncFolder(folder)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}

/** Left by a command that was killed: of one installation only one writes at a time. */
async function dropPartials(folder: string, newest: string): Promise<void> {
  const ours = parseName(newest)?.installation
  for (const { name } of await filesIn(folder)) {
    const whole = parseName(/^\.(.*)\.partial$/.exec(name)?.[1] ?? '')
    if (whole !== undefined && whole.installation === ours) await rm(join(folder, name), { force: true })
  }
}
