import { randomUUID } from 'node:crypto'
import { mkdir, rm, statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fail, type Item, ok, reasonOf, warn } from './item.ts'

const megabyte = 1024 * 1024

/** Below this a burst of messages fills the disk; below the first there is no room for work at all. */
const [leastFree, littleFree] = [100 * megabyte, 1024 * megabyte]

/** The data folder takes a file, and the disk has room. */
export async function checkFolder(dataDir: string): Promise<Item[]> {
  try {
    await mkdir(dataDir, { recursive: true })
    const probe = join(dataDir, `.doctor-${randomUUID()}`)
    await writeFile(probe, 'x', { flush: true })
    await rm(probe)
  } catch (error) {
    return [fail('data folder', reasonOf(error), `make ${dataDir} writable for this user, or set DATA_DIR`)]
  }
  return [ok('data folder', `${dataDir} is writable`), await checkDisk(dataDir)]
}

async function checkDisk(dataDir: string): Promise<Item> {
  const { bavail, bsize } = await statfs(dataDir)
  const free = bavail * bsize
  const found =
    free >= 10 * 1024 * megabyte
      ? `${Math.floor(free / 1024 / megabyte)} GB free`
      : `${Math.floor(free / megabyte)} MB free`
  const next = 'free some space, or move DATA_DIR to a larger disk'
  if (free < leastFree) return fail('disk', found, next)
  return free < littleFree ? warn('disk', found, next) : ok('disk', found)
}
