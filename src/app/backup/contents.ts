import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, relative } from 'node:path'
import type { Member } from '../../backup/archive.ts'
import type { LoadedConfig } from '../../config/load.ts'

/** Files and folders of the data folder that belong to a backup. Whatever is kept there from now on needs a line here. */
export const keptData: readonly string[] = ['secret.key']

/** Those that do not: the database is copied by itself, and the rest is made anew or is a backup already. */
export const otherData: readonly RegExp[] = [
  /^parley\.db(-wal|-shm|-journal)?$/,
  /^backups$/,
  /^\.(backup|drill|restore)/,
  /\.before-/,
]

/** Where things stand in an archive. */
export const archived = { database: 'database', data: 'data/', config: 'config/' } as const

type Place = Pick<LoadedConfig, 'config' | 'dataDir' | 'file' | 'example'>

/** What belongs to a backup besides the database: data files, and parley.yaml with its FAQ. Secrets of the environment do not. */
export async function membersOf({ config, dataDir, file, example }: Place): Promise<Member[]> {
  const data = []
  for (const name of keptData) data.push(...(await filesBelow(dataDir, name)))
  const members = data.map((name) => ({ path: `${archived.data}${name}`, file: join(dataDir, name) }))
  if (example) return members
  const { faq } = config.bot
  const home = dirname(file)
  const own = [{ path: `${archived.config}parley.yaml`, file }]
  if (faq !== undefined) own.push({ path: `${archived.config}${nameBelow(home, faq)}`, file: faq })
  return [...members, ...own]
}

async function filesBelow(folder: string, name: string): Promise<string[]> {
  const path = join(folder, name)
  if (!existsSync(path)) return []
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => undefined)
  if (entries === undefined) return [name]
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .toSorted()
}

/** As the configuration names it; a file elsewhere keeps its own name only. */
function nameBelow(home: string, path: string): string {
  const name = relative(home, path)
  return name.startsWith('..') || isAbsolute(name) ? basename(path) : name
}
