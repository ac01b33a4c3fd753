import { createReadStream, existsSync } from 'node:fs'
import { copyFile, link, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { digestOf, type Lock, lockOf, syncFolder, unpack } from '../../backup/archive.ts'
import type { Bytes } from '../../backup/bytes.ts'
import { backupFault, codeOf } from '../../backup/fault.ts'
import type { Manifest } from '../../backup/manifest.ts'
import { type BackupName, stampOf } from '../../backup/name.ts'
import { type Copies, openCopies } from '../../store/copy.ts'
import { openStore } from '../../store/open.ts'
import { archived } from './contents.ts'
import type { DeskNeeds } from './desk.ts'
import { requireFit, requireNamed } from './fit.ts'
import { compare } from './prove.ts'
import { listBackups, named, newestOf, openDestination } from './stored.ts'

export interface Restored {
  manifest: Manifest
  /** Where what was in the place is kept. */
  aside: string[]
  /** Messages that will be answered, replies that may have arrived already; `undefined`: told by the next start only. */
  waiting: { received: number; uncertain: number } | undefined
  /** In milliseconds. */
  ms: number
}

/** Where a backup comes from. */
export interface RestoreSource {
  /** For people. */
  name: string
  lock: Lock
  /** What its name says of it; `undefined`: a file may have any. */
  backup?: BackupName
  read(): Promise<Bytes>
}

/** A file, a backup by name, or the newest there is. `unencrypted`: whoever asks knows who wrote it. */
export async function findSource(
  { loaded, path }: Pick<DeskNeeds, 'loaded' | 'path'>,
  wanted: string | undefined,
  unencrypted: boolean,
): Promise<RestoreSource> {
  const { database, backup: settings } = loaded.config
  const lockedAs = (name: string): Lock => {
    const lock = lockOf(name, settings.passphrase)
    return unencrypted ? { ...lock, mayBePlain: true } : lock
  }
  if (wanted !== undefined && (wanted.includes('/') || existsSync(wanted))) {
    const found = await stat(wanted).catch(() => undefined)
    if (!found?.isFile())
      throw backupFault(
        'BACKUP_FAILED',
        `There is no file ${wanted}`,
        'name a backup, or the path of its file',
      )
    return { name: wanted, lock: lockedAs(wanted), read: async () => createReadStream(wanted) }
  }
  const destination = openDestination(settings)
  const backups = await listBackups(destination)
  const backup =
    wanted === undefined
      ? newestOf(backups, destination, await ownOf(await openCopies(database, path)))
      : named(backups, wanted, destination)
  return { name: backup.name, lock: lockedAs(backup.name), backup, read: () => destination.read(backup.name) }
}

/** Which database is in the place. One nobody has written to was started by mistake, and is not the one to be brought back. */
async function ownOf(copies: Copies): Promise<string | undefined> {
  const isUsed = (await copies.occupation()) === 'used'
  return isUsed ? copies.installation().catch(() => undefined) : undefined
}

/**
 * Brings a backup back. Everything is unpacked and checked before anything is touched; what is in the place is kept
 * beside it, which takes `force` where people have written there.
 */
export async function restore(needs: DeskNeeds, source: RestoreSource, force: boolean): Promise<Restored> {
  const { config, dataDir } = needs.loaded
  const from = performance.now()
  const copies = await openCopies(config.database, needs.path)
  await requireRoom(copies, force)
  const near = config.database.kind === 'sqlite' ? dirname(config.database.path) : dataDir
  return inStaging(join(near, '.restore'), async (folder) => {
    needs.onStep('fetch')
    const bytes = await source.read()
    const manifest = await unpack(bytes, folder, source.lock, (found) => {
      if (source.backup) requireNamed(found, source.backup)
      requireFit(found, config)
    })
    const file = join(folder, archived.database)
    if (config.database.kind === 'sqlite')
      compare(manifest, await copies.examine({ kind: 'sqlite', path: file }))
    needs.onStep('restore')
    await copies.requireIdle()
    const stamp = stampOf(Date.now())
    const replace = await copies.makeReady({ file, stamp })
    const files = await putFiles(manifest, { folder, dataDir, stamp })
    const database = await replace()
    await syncFolder(near)
    const aside = database === undefined ? files : [database, ...files]
    return { manifest, aside, waiting: await waitingIn(needs), ms: performance.now() - from }
  })
}

async function requireRoom(copies: Copies, force: boolean): Promise<void> {
  await copies.requireIdle()
  if (force || (await copies.occupation()) !== 'used') return
  throw backupFault(
    'BACKUP_REFUSED',
    'There is a database already, and people have written to it',
    'nothing was touched; with --force it is kept under another name, and the backup takes its place',
  )
}

/** A folder beside the place, on the same disk. One of a command that was killed is removed; two at once are refused. */
async function inStaging<T>(folder: string, work: (folder: string) => Promise<T>): Promise<T> {
  await mkdir(dirname(folder), { recursive: true, mode: 0o700 })
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

interface Place {
  folder: string
  dataDir: string
  stamp: string
}

/** Files of the data folder take their places one by one; returns where those that were there are kept. */
async function putFiles({ files }: Manifest, { folder, dataDir, stamp }: Place): Promise<string[]> {
  const aside: string[] = []
  for (const { path, sha256 } of files) {
    if (!path.startsWith(archived.data)) continue
    const from = join(folder, path)
    const to = join(dataDir, path.slice(archived.data.length))
    await mkdir(dirname(to), { recursive: true, mode: 0o700 })
    const kept = `${to}.before-${stamp}`
    if (await hasOther(to, sha256)) {
      // Never a moment without a file where one was. Not every file system has links.
      await link(to, kept).catch(() => copyFile(to, kept))
      aside.push(kept)
    }
    await move(from, to)
    await syncFolder(dirname(to))
  }
  return aside
}

async function hasOther(path: string, sha256: string): Promise<boolean> {
  return existsSync(path) && (await digestOf(createReadStream(path))) !== sha256
}

/** Between disks a file is copied beside its place first. */
async function move(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
  } catch (error) {
    if (codeOf(error) !== 'EXDEV') throw error
    await copyFile(from, `${to}.restore`)
    await rename(`${to}.restore`, to)
  }
}

/** A database of an older version tells only once its schema is brought up to date. */
async function waitingIn({ loaded }: DeskNeeds): Promise<Restored['waiting']> {
  const store = await openStore(loaded.config.database, { onConnectionError: () => undefined })
  try {
    await store.check()
    const { received, queued } = await store.read.messages.backlog()
    return { received, uncertain: queued }
  } catch {
    return undefined
  } finally {
    await store.close()
  }
}

/**
 * Writes parley.yaml and its FAQ into `home`, where there are none, out of a backup; tells which it wrote. A place without
 * them does not know where its data belongs.
 */
export async function restoreConfiguration(
  needs: DeskNeeds,
  source: RestoreSource,
  home: string,
): Promise<string[]> {
  return inStaging(join(needs.loaded.dataDir, '.restore'), async (folder) => {
    const manifest = await unpack(await source.read(), folder, source.lock)
    const written: string[] = []
    for (const { path } of manifest.files) {
      if (!path.startsWith(archived.config)) continue
      const to = join(home, path.slice(archived.config.length))
      if (existsSync(to)) continue
      await mkdir(dirname(to), { recursive: true })
      await copyFile(join(folder, path), to)
      written.push(to)
    }
    return written
  })
}
