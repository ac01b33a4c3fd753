import { createReadStream } from 'node:fs'
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { lockOf, writeArchive } from '../../backup/archive.ts'
import type { Destination } from '../../backup/destination.ts'
import { backupFault, reasonOf } from '../../backup/fault.ts'
import { type BackupName, formatName, parseName, superfluous } from '../../backup/name.ts'
import type { LoadedConfig } from '../../config/load.ts'
import { newId } from '../../model/ids.ts'
import { readVersion } from '../../ops/version.ts'
import { type Copies, type DatabaseFacts, openCopies } from '../../store/copy.ts'
import { openStore } from '../../store/open.ts'
import { recordProof, type Store } from '../../store/store.ts'
import { requireMoved } from '../left-behind.ts'
import { archived, membersOf } from './contents.ts'
import { type Proof, prove } from './prove.ts'
import { requireSpace, takes } from './room.ts'
import { alone } from './run-lease.ts'
import { listBackups, named, newestOf, openDestination, removable, type StoredBackup } from './stored.ts'

/** What a command does at the moment, for whoever waits. */
export type Step = 'copy' | 'pack' | 'fetch' | 'prove' | 'keep' | 'restore'

export interface DeskNeeds {
  /** The configuration, with where it came from. */
  loaded: Pick<LoadedConfig, 'config' | 'dataDir' | 'embedded' | 'file' | 'example'>
  /** Where programs are found. */
  path: string
  /** Told when a step begins. */
  onStep(step: Step): void
}

export interface Removal {
  removed: string[]
  /** Those that were to go and are still there. */
  notRemoved: Kept[]
}

export interface Taken extends Removal {
  backup: StoredBackup
  tables: DatabaseFacts['tables']
  proof: Proof
  /** Of the last step to the next, in milliseconds. */
  steps: Partial<Record<Step, number>>
  /** How many of this installation there are now. */
  kept: number
}

interface Kept {
  name: string
  reason: string
}

/** Backups of an installation as an operator works on them. */
export interface BackupDesk {
  readonly where: string
  /** Those there are, the newest first. */
  list(): Promise<StoredBackup[]>
  /** Which database is here; `undefined`: none, or it does not answer. */
  own(): Promise<string | undefined>
  /** Removes those of these names, but never the newest, and nothing where one of them is not there. */
  remove(names: readonly string[]): Promise<Removal>
  take(): Promise<Taken>
  /** Proves one anew, the newest where none is named. */
  drill(name?: string): Promise<{ backup: StoredBackup; proof: Proof; fetchMs: number }>
}

export function createBackupDesk(needs: DeskNeeds): BackupDesk {
  const { config, dataDir } = needs.loaded
  const destination = openDestination(config.backup)
  const list = (): Promise<StoredBackup[]> => listBackups(destination)
  const ownOf = (copies: Copies) => copies.installation().catch(() => undefined)
  const own = async () => ownOf(await openCopies(config.database, needs.path))
  return {
    where: destination.where,
    list,
    own,
    remove: async (names) => removeAll(destination, removable(await list(), names, destination, await own())),
    take: () =>
      withStore(needs, (store) =>
        alone(store, () =>
          inFolder(join(dataDir, '.backup'), (folder) => take(needs, destination, store, folder)),
        ),
      ),
    async drill(name) {
      const copies = await openCopies(config.database, needs.path)
      const own = await ownOf(copies)
      const all = await list()
      const backup = name === undefined ? newestOf(all, destination, own) : named(all, name, destination)
      await dropForgotten(dataDir)
      return inFolder(join(dataDir, `.drill-${newId()}`), async (folder) => {
        await requireSpace(folder, takes.drill * Math.max(await copies.size(), backup.bytes))
        const from = performance.now()
        needs.onStep('fetch')
        const source = await destination.read(backup.name)
        const fetchMs = performance.now() - from
        needs.onStep('prove')
        const lock = lockOf(backup.name, config.backup.passphrase)
        const proof = await prove(source, lock, { name: backup, config, copies, folder })
        // That another bot can be restored says nothing about this one.
        if (backup.installation === own)
          await withStore(needs, (store) => record(store, backup)).catch(() => undefined)
        return { backup, proof, fetchMs }
      })
    },
  }
}

async function withStore<T>({ loaded }: DeskNeeds, work: (store: Store) => Promise<T>): Promise<T> {
  const { database } = loaded.config
  if (database.kind === 'sqlite') await requireFile(database.path)
  const store = await openStore(database, { onConnectionError: () => undefined })
  try {
    if ((await store.begunAt()) === undefined) {
      await requireMoved(loaded, 'BACKUP_FAILED')
      throw backupFault(
        'BACKUP_FAILED',
        'The database has no tables of Parley yet',
        'start the bot first, or correct DATABASE_URL or DATABASE_PATH',
      )
    }
    return await work(store)
  } finally {
    await store.close()
  }
}

/** Opening would make one. */
async function requireFile(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined)
  if (found === undefined)
    throw backupFault(
      'BACKUP_FAILED',
      `There is no database at ${path} yet`,
      'start the bot first, or name its parley.yaml with -c',
    )
}

/** A folder for this alone, empty at first and gone at the end. */
export async function inFolder<T>(folder: string, work: (folder: string) => Promise<T>): Promise<T> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true, mode: 0o700 })
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const dayMs = 86_400_000

/** Left by drills that were killed. */
async function dropForgotten(dataDir: string): Promise<void> {
  for (const name of await readdir(dataDir).catch(() => [])) {
    const path = join(dataDir, name)
    const made = name.startsWith('.drill-') ? await stat(path).catch(() => undefined) : undefined
    if (made && made.mtimeMs < Date.now() - dayMs) await rm(path, { recursive: true, force: true })
  }
}

async function take(
  needs: DeskNeeds,
  destination: Destination,
  store: Store,
  folder: string,
): Promise<Taken> {
  const { loaded, path, onStep } = needs
  const { config } = loaded
  const { passphrase, keep } = config.backup
  const steps: Taken['steps'] = {}
  const timed = async <T>(step: Step, work: () => Promise<T>): Promise<T> => {
    onStep(step)
    const from = performance.now()
    const result = await work()
    steps[step] = performance.now() - from
    return result
  }
  const copies = await openCopies(config.database, path)
  await requireSpace(folder, takes.backup * (await copies.size()))
  const archive = join(folder, 'archive')
  const { facts, name } = await timed('copy', () => copy(copies, needs, destination, folder))
  await timed('pack', () => pack(needs, { facts, name, folder, archive }))
  const proof = await timed('prove', () =>
    prove(createReadStream(archive), lockOf(name.name, passphrase), {
      name,
      config,
      copies,
      folder: join(folder, 'scratch'),
    }),
  )
  const { size: bytes } = await stat(archive)
  const before = (await listBackups(destination)).map((each) => each.name)
  await timed('keep', () => destination.put(name.name, archive))
  await record(store, name)
  const pruned = await prune(destination, [...before, name.name], keep, name)
  return { backup: { ...name, bytes }, tables: facts.tables, proof, steps, ...pruned }
}

/** Removes what is superfluous. Where that fails there is a new backup for all that. */
async function prune(
  destination: Destination,
  all: readonly string[],
  keep: number,
  newest: BackupName,
): Promise<Removal & Pick<Taken, 'kept'>> {
  const removal = await removeAll(destination, superfluous(all, keep, newest))
  const ours = all.filter((name) => parseName(name)?.installation === newest.installation)
  return { ...removal, kept: ours.length - removal.removed.length }
}

async function removeAll(destination: Destination, names: readonly string[]): Promise<Removal> {
  const removed: string[] = []
  const notRemoved: Kept[] = []
  for (const name of names)
    await destination.remove(name).then(
      () => removed.push(name),
      (error: unknown) => notRemoved.push({ name, reason: reasonOf(error) }),
    )
  return { removed, notRemoved }
}

/** A second that no backup is named after yet. */
async function freeMoment(destination: Destination): Promise<number> {
  for (;;) {
    const now = Math.floor(Date.now() / 1000) * 1000
    const taken = await listBackups(destination)
    if (!taken.some(({ takenAt }) => takenAt === now)) return now
    await sleep(now + 1000 - Date.now())
  }
}

async function copy(
  copies: Copies,
  { loaded }: DeskNeeds,
  destination: Destination,
  folder: string,
): Promise<{ facts: DatabaseFacts; name: BackupName }> {
  const takenAt = await freeMoment(destination)
  const facts = await copies.copy(join(folder, archived.database))
  const encrypted = loaded.config.backup.passphrase !== undefined
  const parts = { takenAt, installation: facts.installation, encrypted }
  return { facts, name: { ...parts, name: formatName(parts) } }
}

interface Packing {
  facts: DatabaseFacts
  name: BackupName
  folder: string
  archive: string
}

async function pack({ loaded }: DeskNeeds, { facts, name, folder, archive }: Packing): Promise<void> {
  const { version, commit } = readVersion()
  const { installation, migrations, expanding, tables } = facts
  const { kind } = loaded.config.database
  const file = join(folder, archived.database)
  await writeArchive({
    about: {
      takenAt: new Date(name.takenAt).toISOString(),
      version,
      commit,
      installation,
      database: { kind, migrations, expanding, tables },
    },
    members: [{ path: archived.database, file }, ...(await membersOf(loaded))],
    to: archive,
    passphrase: loaded.config.backup.passphrase,
  })
  // What is proven next is restored from the archive alone.
  await rm(file)
}

const record = (store: Pick<Store, 'write'>, { takenAt }: BackupName): Promise<void> =>
  store.write((tx) => recordProof(tx.leases, takenAt, Date.now()))
