import { dirname, join } from 'node:path'
import { syncFolder, unpack } from '../../backup/archive.ts'
import { backupFault, reasonOf } from '../../backup/fault.ts'
import type { Manifest } from '../../backup/manifest.ts'
import { type Copies, openCopies } from '../../store/copy.ts'
import { openStore } from '../../store/open.ts'
import { recordProof } from '../../store/store.ts'
import { type ArchivedFile, configurationIn, sortOut } from './configuration.ts'
import { archived } from './contents.ts'
import type { DeskNeeds } from './desk.ts'
import { requireFit, requireNamed } from './fit.ts'
import { createPlacing, type Placing } from './placing.ts'
import { compare } from './prove.ts'
import type { RestoreSource } from './source.ts'
import { inStaging } from './staging.ts'

export interface Restored {
  manifest: Manifest
  /** Files of the configuration that were not there. */
  written: string[]
  /** Those that were there, and are not as in the backup. */
  kept: string[]
  /** Where what was in the place is kept. */
  aside: string[]
  /** Messages that will be answered, replies that may have arrived already; `undefined`: told by the next start only. */
  waiting: { received: number; uncertain: number } | undefined
  /** In milliseconds. */
  ms: number
}

export interface RestoreHow {
  /** Also where people have written. */
  force: boolean
  /** The whole command with `--force`, for whoever is refused without. */
  again: string
  /** That of the backup, where there was none; each file is written where there is none. */
  configuration?: readonly ArchivedFile[] | undefined
}

/**
 * Brings a backup back. Everything is unpacked and checked before anything is touched; what is in the place is kept
 * beside it, which takes `force` where people have written there. The database comes last: whoever is killed before gives the
 * same command again.
 */
export async function restore(
  needs: DeskNeeds,
  source: RestoreSource,
  { force, again, configuration }: RestoreHow,
): Promise<Restored> {
  const { config, dataDir } = needs.loaded
  const from = performance.now()
  const copies = await openCopies(config.database, needs.path)
  await requireUnused(copies, force, again)
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
    const { missing, kept } = await sortOut(
      configuration ?? (await configurationIn(folder, manifest, needs.loaded)),
    )
    needs.onStep('restore')
    await copies.requireIdle()
    // To the millisecond: what goes aside has a name of its own, however soon after another restore.
    const stamp = new Date().toISOString().replaceAll(/[:.]/g, '')
    const replace = await copies.makeReady({ file, stamp })
    const placing = createPlacing(stamp)
    const database = await placeAll(placing, { manifest, folder, dataDir, configuration: missing, replace })
    await syncFolder(near)
    return {
      manifest,
      written: missing.map(({ to }) => to),
      kept,
      aside: database === undefined ? [...placing.aside] : [database, ...placing.aside],
      waiting: await readAgain(needs, source.backup && Date.parse(manifest.takenAt)),
      ms: performance.now() - from,
    }
  })
}

interface Unpacked {
  manifest: Manifest
  folder: string
  dataDir: string
  configuration: readonly ArchivedFile[]
  replace(): Promise<string | undefined>
}

/** What fails on the way is taken back. */
async function placeAll(placing: Placing, unpacked: Unpacked): Promise<string | undefined> {
  const { manifest, folder, dataDir, configuration, replace } = unpacked
  try {
    for (const { to, content } of configuration) await placing.add(to, content)
    for (const { path, sha256 } of manifest.files)
      if (path.startsWith(archived.data))
        await placing.put(join(folder, path), join(dataDir, path.slice(archived.data.length)), sha256)
    return await replace()
  } catch (error) {
    const left = await placing.undo()
    if (left.length === 0) throw error
    throw backupFault(
      'BACKUP_FAILED',
      `${reasonOf(error)}; and what is in place already could not be taken back: ${left.join(', ')}`,
      'mend the cause and give the same command again; what was there before stands beside it as *.before-…',
      error,
    )
  }
}

async function requireUnused(copies: Copies, force: boolean, again: string): Promise<void> {
  await copies.requireIdle()
  if (force || (await copies.occupation()) !== 'used') return
  throw backupFault(
    'BACKUP_REFUSED',
    'There is a database already, and people have written to it',
    `nothing was touched; to keep it under another name and have the backup in its place: ${again}`,
  )
}

/**
 * What waits in the database now. A backup out of the place of backups (taken at `takenAt`) is written into it as the latest
 * proven one: it was taken before that was known. One of an older version tells only once its schema is brought up to date.
 */
async function readAgain({ loaded }: DeskNeeds, takenAt: number | undefined): Promise<Restored['waiting']> {
  const store = await openStore(loaded.config.database, { onConnectionError: () => undefined })
  try {
    await store.check()
    if (takenAt !== undefined) await store.write((tx) => recordProof(tx.leases, takenAt, Date.now()))
    const { received, queued } = await store.read.messages.backlog()
    return { received, uncertain: queued }
  } catch {
    return undefined
  } finally {
    await store.close()
  }
}
