import { mkdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { backupFault, codeOf } from '../../backup/fault.ts'

/** A folder beside the place, on the same disk. One of a command that was killed is removed; two at once are refused. */
export async function inStaging<T>(folder: string, work: (folder: string) => Promise<T>): Promise<T> {
  const made = await mkdir(dirname(folder), { recursive: true, mode: 0o700 })
  const mine = join(folder, 'pid')
  const claim = async (): Promise<void> => {
    await mkdir(folder, { mode: 0o700 })
    await writeFile(mine, String(process.pid))
  }
  try {
    await claim()
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
    if (isAlive(Number(await readFile(mine, 'utf8').catch(() => 0))))
      throw backupFault(
        'BACKUP_REFUSED',
        `Another restore works in ${folder}`,
        'wait for it; where none runs, remove that folder',
      )
    await rm(folder, { recursive: true, force: true })
    await claim()
  }
  try {
    return await work(join(folder, 'content'))
  } finally {
    await rm(folder, { recursive: true, force: true })
    // Made for this alone, it goes where nothing else is in it by now.
    if (made !== undefined) await rmdir(dirname(folder)).catch(() => undefined)
  }
}

function isAlive(pid: number): boolean {
  if (pid <= 0 || pid === process.pid) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}
