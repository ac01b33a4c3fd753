import { randomBytes } from 'node:crypto'
import {
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { explain, say } from './failure.mjs'
import { workFolder } from './paths.mjs'

const path = join(workFolder, 'lock')
const heartbeatMs = 1000
/** A lock without a heartbeat for this long has a dead owner, wherever that ran. */
const staleMs = 15_000

/**
 * Runs `work` while no other launcher of this folder prepares. The lock is a file with its owner in it; a lock
 * whose owner died is taken over.
 */
export async function withLock(work) {
  const mine = JSON.stringify({ pid: process.pid, host: hostname(), key: randomBytes(8).toString('hex') })
  await acquire(mine)
  const heartbeat = setInterval(touch, heartbeatMs)
  try {
    return await work()
  } finally {
    clearInterval(heartbeat)
    if (read() === mine) rmSync(path, { force: true })
  }
}

async function acquire(mine) {
  let waiting = false
  while (!create(mine)) {
    if (breakStale()) continue
    if (!waiting) say('Waiting for another start of Parley that is preparing this folder …')
    waiting = true
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

function create(mine) {
  try {
    mkdirSync(workFolder, { recursive: true })
    writeFileSync(path, mine, { flag: 'wx' })
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw explain(`Writing in ${workFolder}`, error.message)
  }
}

/**
 * Removes a lock whose owner is dead. It is renamed first: of several who see it, one gets it, and whoever
 * finds a living lock in his hand puts it back.
 */
function breakStale() {
  const seen = read()
  if (seen === undefined) return true
  if (!isStale(seen)) return false
  const aside = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`
  try {
    renameSync(path, aside)
    if (readFileSync(aside, 'utf8') !== seen) linkSync(aside, path)
  } catch {
    // Somebody else was faster; the next round sees what they left.
  }
  rmSync(aside, { force: true })
  return true
}

function isStale(content) {
  try {
    const owner = JSON.parse(content)
    if (owner.host === hostname() && !isAlive(owner.pid)) return true
  } catch {
    // Killed between creating and filling it: only its age tells.
  }
  try {
    return Date.now() - statSync(path).mtimeMs > staleMs
  } catch {
    return false
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

function read() {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function touch() {
  try {
    const now = new Date()
    utimesSync(path, now, now)
  } catch {
    // Taken away by hand: the work goes on, its results are put in place by rename.
  }
}
