import { mkdir, readFile, rm, rmdir, stat, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { backupFault, codeOf } from '../../backup/fault.ts'

const heartbeatMs = 5000
/** Without a sign for so long, one of another machine or container is dead, in milliseconds. */
const silentMs = 60_000
/** Longer than it takes to write down who owns a folder that was just made, in milliseconds. */
const namingMs = 500

/** A folder beside the place, on the same disk. One of a command that was killed is removed; two at once are refused. */
export async function inStaging<T>(folder: string, work: (folder: string) => Promise<T>): Promise<T> {
  const made = await mkdir(dirname(folder), { recursive: true, mode: 0o700 })
  const mine = join(folder, 'owner')
  const claim = async (): Promise<void> => {
    await mkdir(folder, { mode: 0o700 })
    await writeFile(mine, `${process.pid} ${hostname()}`)
  }
  try {
    await claim()
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
    if (await isOwned(mine))
      throw backupFault(
        'BACKUP_REFUSED',
        `Another restore works in ${folder}`,
        'wait for it; one that was killed elsewhere is in the way for a minute',
      )
    await rm(folder, { recursive: true, force: true })
    await claim()
  }
  const heartbeat = setInterval(() => {
    const now = new Date()
    void utimes(mine, now, now).catch(() => undefined)
  }, heartbeatMs)
  try {
    return await work(join(folder, 'content'))
  } finally {
    clearInterval(heartbeat)
    await rm(folder, { recursive: true, force: true })
    // Made for this alone, it goes where nothing else is in it by now.
    if (made !== undefined) await rmdir(dirname(folder)).catch(() => undefined)
  }
}

/** Whether its owner is at work: told by its process here, by its latest sign elsewhere, where process ids mean nothing. */
async function isOwned(file: string): Promise<boolean> {
  const read = (): Promise<string> => readFile(file, 'utf8').catch(() => '')
  const name = (await read()) || (await sleep(namingMs).then(read))
  // It was killed before it had written that down.
  if (name === '') return false
  const [pid, host] = name.split(' ')
  if (host === hostname()) return isAlive(Number(pid))
  const found = await stat(file).catch(() => undefined)
  return found !== undefined && Math.abs(Date.now() - found.mtimeMs) < silentMs
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
