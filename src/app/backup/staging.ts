import { mkdir, readFile, rename, rm, rmdir, stat, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { backupFault, codeOf } from '../../backup/fault.ts'
import { newId } from '../../model/ids.ts'

const heartbeatMs = 5000
/** Without a sign for so long, one of another machine or container is dead, in milliseconds. */
const silentMs = 60_000
/** Longer than it takes to write a name into a file that was just made, in milliseconds. */
const namingMs = 500

/** A folder beside the place, on the same disk. One of a command that was killed is removed; two at once are refused. */
export async function inStaging<T>(folder: string, work: (folder: string) => Promise<T>): Promise<T> {
  const made = await mkdir(dirname(folder), { recursive: true, mode: 0o700 })
  const [owner, content] = [join(folder, 'owner'), join(folder, 'content')]
  const me = `${process.pid} ${hostname()} ${newId()}`
  await mkdir(folder, { recursive: true, mode: 0o700 })
  if (!(await claim(owner, me)))
    throw backupFault(
      'BACKUP_REFUSED',
      `Another restore works in ${folder}`,
      'wait for it; one that was killed elsewhere is in the way for a minute',
    )
  const heartbeat = setInterval(() => {
    const now = new Date()
    void utimes(owner, now, now).catch(() => undefined)
  }, heartbeatMs)
  try {
    await rm(content, { recursive: true, force: true })
    return await work(content)
  } finally {
    clearInterval(heartbeat)
    if ((await nameIn(owner)) === me) await rm(folder, { recursive: true, force: true })
    // Made for this alone, it goes where nothing else is in it by now.
    if (made !== undefined) await rmdir(dirname(folder)).catch(() => undefined)
  }
}

const nameIn = (owner: string): Promise<string> => readFile(owner, 'utf8').catch(() => '')

/** Whoever makes the file of the owner owns the folder; that of a dead one is taken away first. */
async function claim(owner: string, me: string): Promise<boolean> {
  if (await sign(owner, me)) return true
  const seen = (await nameIn(owner)) || (await sleep(namingMs).then(() => nameIn(owner)))
  return !(await isAtWork(owner, seen)) && (await takeAway(owner, seen)) && (await sign(owner, me))
}

/** Who stalled on the way was taken for dead, and finds another name there. */
const sign = (owner: string, me: string): Promise<boolean> =>
  unlessLost(async () => {
    await writeFile(owner, me, { flag: 'wx' })
    return (await readFile(owner, 'utf8')) === me
  })

/** Of several who see a dead one, one gets its file; whoever finds that of a living one in his hand puts it back. */
const takeAway = (owner: string, seen: string): Promise<boolean> =>
  unlessLost(async () => {
    const aside = `${owner}-${newId()}`
    await rename(owner, aside)
    const isSeen = (await readFile(aside, 'utf8')) === seen
    await (isSeen ? rm(aside) : rename(aside, owner))
    return isSeen
  })

/** False as well where somebody else was faster. */
async function unlessLost(work: () => Promise<boolean>): Promise<boolean> {
  try {
    return await work()
  } catch (error) {
    if (/^(EEXIST|ENOENT)$/.test(codeOf(error))) return false
    throw error
  }
}

/** Told by its process here, by its latest sign elsewhere, where process ids mean nothing. */
async function isAtWork(owner: string, name: string): Promise<boolean> {
  // It was killed before it had written that down.
  if (name === '') return false
  const [pid, host] = name.split(' ')
  if (host === hostname()) return isAlive(Number(pid))
  const found = await stat(owner).catch(() => undefined)
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
