import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, open, stat } from 'node:fs/promises'
import { dirname, resolve, sep } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import { ParleyError } from '../model/errors.ts'
import { type Bytes, createByteReader } from './bytes.ts'
import { appendDigest, checkDigest } from './digest.ts'
import { backupFault, damaged, ofFileSystem } from './fault.ts'
import {
  type About,
  type Manifest,
  manifestPath,
  parseManifest,
  requireShort,
  writeManifest,
} from './manifest.ts'
import { seal, sealedMark, unseal } from './seal.ts'
import { type Entry, readTar, writeTar } from './tar.ts'

/** A file that goes into an archive under `path`. */
export interface Member {
  path: string
  file: string
}

interface Writing {
  about: About
  members: readonly Member[]
  /** The archive; there must be none yet. */
  to: string
  /** `undefined`: everybody who has the file can read it. */
  passphrase: string | undefined
}

/**
 * Writes an archive and resolves when it is on the disk: a gzipped tar file, encrypted where there is a passphrase. Of what
 * is in it only a few pieces are in memory at a time.
 */
export async function writeArchive({ about, members, to, passphrase }: Writing): Promise<Manifest> {
  const files = []
  for (const { path, file } of members) files.push({ path, ...(await measure(file)) })
  const manifest: Manifest = { format: 1, ...about, files }
  const tar = writeTar(entriesOf(manifest, members), Math.floor(Date.parse(about.takenAt) / 1000))
  const zipped = appendDigest(Readable.from(tar).compose(createGzip({ level: 1 })) as Bytes)
  await writeDurably(to, passphrase === undefined ? zipped : seal(zipped, passphrase))
  return manifest
}

async function* entriesOf(manifest: Manifest, members: readonly Member[]): AsyncIterable<Entry> {
  const head = writeManifest(manifest)
  yield { path: manifestPath, bytes: head.length, content: Readable.from([head]) }
  for (const [index, { path, file }] of members.entries())
    yield { path, bytes: manifest.files[index]?.bytes ?? 0, content: createReadStream(file) }
}

async function measure(file: string): Promise<{ bytes: number; sha256: string }> {
  return { bytes: (await stat(file)).size, sha256: await digestOf(createReadStream(file)) }
}

/** SHA-256 in hexadecimal digits. */
export async function digestOf(content: Bytes): Promise<string> {
  const hash = createHash('sha256')
  for await (const piece of content) hash.update(piece)
  return hash.digest('hex')
}

/** Writes a new file for this user alone, and waits for the disk. */
export async function writeDurably(path: string, content: Bytes): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    await pipeline(content, createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true }))
  } catch (error) {
    throw ofFileSystem(error, path)
  }
}

/** Makes what happened in a folder (new names, names changed) survive a loss of power. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

/** What an archive must be locked with to be taken. */
export interface Lock {
  /** What the archive is called, as a command takes it. */
  name: string
  /** What opens it where it is encrypted. */
  passphrase: string | undefined
  /** Whether one is taken as well that is not encrypted, which anybody may have written. */
  mayBePlain: boolean
}

/** Encrypted backups are wanted where there is a passphrase, and one whose name says that it is encrypted has to be. */
export const lockOf = (name: string, passphrase: string | undefined): Lock => ({
  name,
  passphrase,
  mayBePlain: passphrase === undefined && !name.endsWith('.enc'),
})

/**
 * Unpacks an archive into an empty folder. Whatever bit of it has changed, it throws, and what lies in the folder by then
 * is to be thrown away. `check`: looks at the manifest before anything is unpacked.
 */
export async function unpack(
  source: Bytes,
  folder: string,
  lock: Lock,
  check: (manifest: Manifest) => void = () => undefined,
): Promise<Manifest> {
  try {
    return await unpackChecked(readTar(opened(source, lock)), folder, check)
  } catch (error) {
    throw error instanceof ParleyError ? error : broken(error)
  }
}

async function unpackChecked(
  entries: AsyncIterable<Entry>,
  folder: string,
  check: (manifest: Manifest) => void,
): Promise<Manifest> {
  let manifest: Manifest | undefined
  let count = 0
  for await (const { path, bytes, content } of entries) {
    if (manifest === undefined) {
      if (path !== manifestPath) throw damaged(`it does not begin with ${manifestPath}`)
      requireShort(bytes)
      manifest = parseManifest(await createByteReader(content).take(bytes))
      check(manifest)
      continue
    }
    const known = manifest.files[count]
    count += 1
    if (known?.path !== path || known.bytes !== bytes) throw damaged(`${path} is not what its list says`)
    const file = resolve(folder, path)
    if (!file.startsWith(`${resolve(folder)}${sep}`)) throw damaged('a file in it belongs elsewhere')
    await writeDurably(file, content)
    if ((await digestOf(createReadStream(file))) !== known.sha256) throw damaged(`${path} was changed`)
  }
  if (manifest === undefined || count !== manifest.files.length) throw damaged('files are missing in it')
  return manifest
}

/** The tar file in an archive, whose last bytes come only where everything before them was right. */
async function* opened(source: Bytes, lock: Lock): Bytes {
  const zipped = checkDigest(await unlocked(source, lock))
  yield* Readable.from(zipped).compose(createGunzip()) as Bytes
}

async function unlocked(source: Bytes, { name, passphrase, mayBePlain }: Lock): Promise<Bytes> {
  const reader = createByteReader(source)
  const first = await reader.take(2)
  async function* whole(): Bytes {
    yield first
    while (!(await reader.isAtEnd())) yield reader.some(65_536)
  }
  if (first.equals(sealedMark.subarray(0, 2))) return unseal(whole(), passphrase)
  if (first.toString('hex') !== '1f8b') throw damaged('it does not begin as a backup does')
  if (mayBePlain) return whole()
  throw backupFault(
    'BACKUP_LOCKED',
    'The backup is not encrypted where those of this place are, so anybody may have written it',
    `take another one: parley backup list; a drill takes none such, but if you know who made it: parley restore --unencrypted ${name}`,
  )
}

/** zlib has words of its own for what it cannot read. */
const broken = (error: unknown): unknown =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')
    ? damaged('it cannot be unpacked', error)
    : error
