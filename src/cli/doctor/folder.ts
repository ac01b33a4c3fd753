import { existsSync } from 'node:fs'
import { access, constants, stat, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { DatabaseConfig } from '../../config/config.ts'
import { fail, type Item, ok, reasonOf, warn } from './item.ts'

const megabyte = 1024 * 1024

/** Below this a burst of messages fills the disk; below the first there is no room for work at all. */
const [leastFree, littleFree] = [100 * megabyte, 1024 * megabyte]

/** The data folder takes files, and the disk has room. Nothing is written to find out. */
export async function checkFolder(dataDir: string, database: DatabaseConfig): Promise<Item[]> {
  const obstacle = await findObstacle(dataDir)
  if (obstacle !== undefined)
    return [fail('data folder', obstacle, `make ${dataDir} writable for this user, or set DATA_DIR`)]
  const state = existsSync(dataDir) ? 'is writable' : 'will be made at the first start'
  const [, other] = disksOf(dataDir, database)
  return [
    ok('data folder', `${dataDir} ${state}`),
    await checkDisk(nearest(dataDir), 'DATA_DIR'),
    ...(other === undefined ? [] : await checkOtherDisk(other, 'DATABASE_PATH', [dataDir])),
  ]
}

/** The data folder, and that of the embedded database. */
export const disksOf = (dataDir: string, database: DatabaseConfig): string[] =>
  database.kind === 'sqlite' ? [dataDir, dirname(database.path)] : [dataDir]

/** The disk of a folder, where it is none of those that are looked at already. */
export async function checkOtherDisk(
  folder: string,
  setting: string,
  looked: readonly string[],
): Promise<Item[]> {
  const [own, ...others] = await Promise.all(
    [folder, ...looked].map(async (each) => (await stat(nearest(each))).dev),
  )
  return others.includes(own ?? 0) ? [] : [await checkDisk(nearest(folder), setting)]
}

/** Why no file can be made in a folder; a missing one would be made below the nearest that is there. */
export async function findObstacle(folder: string): Promise<string | undefined> {
  const there = nearest(folder)
  try {
    if (!(await stat(there)).isDirectory()) return `${there} is no folder`
    await access(there, constants.W_OK | constants.X_OK)
    return undefined
  } catch (error) {
    return reasonOf(error)
  }
}

/** The path, or the nearest folder above it that is there. */
export function nearest(path: string): string {
  return existsSync(path) ? path : nearest(dirname(path))
}

async function checkDisk(folder: string, setting: string): Promise<Item> {
  const { bavail, bsize } = await statfs(folder)
  const free = bavail * bsize
  const found =
    free >= 10 * 1024 * megabyte
      ? `${Math.floor(free / 1024 / megabyte)} GB free at ${folder}`
      : `${Math.floor(free / megabyte)} MB free at ${folder}`
  const next = `free some space, or move ${setting} to a larger disk`
  if (free < leastFree) return fail('disk', found, next)
  return free < littleFree ? warn('disk', found, next) : ok('disk', found)
}
