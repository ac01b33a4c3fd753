import { type Bytes, createByteReader } from './bytes.ts'
import { damaged } from './fault.ts'

/** A file in an archive. */
export interface Entry {
  /** Relative, with slashes. */
  path: string
  bytes: number
  content: Bytes
}

const block = 512
/** What eleven octal digits hold; larger sizes are written in binary, as GNU tar does. */
const largestOctal = 0o77777777777

/** POSIX ustar (https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html), plain files only. */
export async function* writeTar(entries: AsyncIterable<Entry>, atSeconds: number): Bytes {
  for await (const { path, bytes, content } of entries) {
    yield headerOf(path, bytes, atSeconds)
    let written = 0
    for await (const piece of content) {
      written += piece.length
      yield piece
    }
    if (written !== bytes) throw new Error(`${path} changed while it was read: ${written} of ${bytes} bytes`)
    yield Buffer.alloc(padding(bytes))
  }
  yield Buffer.alloc(2 * block)
}

/** The files of an archive in their order; each content is read to its end before the next is asked for. */
export async function* readTar(source: Bytes): AsyncIterable<Entry> {
  const reader = createByteReader(source)
  for (;;) {
    const header = await reader.take(block)
    if (header.every((byte) => byte === 0)) break
    const { path, bytes } = parseHeader(header)
    yield { path, bytes, content: reader.pass(bytes) }
    await reader.take(padding(bytes))
  }
  await reader.take(block)
  if (!(await reader.isAtEnd())) throw damaged('something follows its end')
}

const padding = (bytes: number): number => (block - (bytes % block)) % block

function headerOf(path: string, bytes: number, atSeconds: number): Buffer {
  const header = Buffer.alloc(block)
  const [prefix, name] = splitPath(path)
  header.write(name, 0)
  header.write('0000600\0', 100)
  header.write('0000000\0', 108)
  header.write('0000000\0', 116)
  writeSize(header, bytes)
  header.write(`${atSeconds.toString(8).padStart(11, '0')}\0`, 136)
  header.write('0', 156)
  header.write('ustar\x0000', 257)
  header.write(prefix, 345)
  header.write(`${sumOf(header).toString(8).padStart(6, '0')}\0 `, 148)
  return header
}

/** A name has 100 bytes; what is longer is cut at a slash, before which 155 fit. */
function splitPath(path: string): [prefix: string, name: string] {
  if (Buffer.byteLength(path) <= 100) return ['', path]
  for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) {
    const [prefix, name] = [path.slice(0, at), path.slice(at + 1)]
    if (Buffer.byteLength(prefix) <= 155 && Buffer.byteLength(name) <= 100) return [prefix, name]
  }
  throw new Error(`the name of ${path} is too long for an archive`)
}

function writeSize(header: Buffer, bytes: number): void {
  if (bytes <= largestOctal) return void header.write(`${bytes.toString(8).padStart(11, '0')}\0`, 124)
  header[124] = 0x80
  header.writeBigUInt64BE(BigInt(bytes), 128)
}

/** Of a header whose own field of the sum counts as spaces. */
function sumOf(header: Buffer): number {
  return header.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 32 : byte), 0)
}

function parseHeader(header: Buffer): { path: string; bytes: number } {
  const text = (from: number, length: number): string =>
    header.toString('utf8', from, from + length).replace(/\0.*$/s, '')
  if (Number.parseInt(text(148, 8), 8) !== sumOf(header)) throw damaged('the head of a file in it is broken')
  if (text(156, 1) !== '0') throw damaged('it holds something else than files')
  const bytes = header[124] === 0x80 ? Number(header.readBigUInt64BE(128)) : Number.parseInt(text(124, 12), 8)
  const prefix = text(345, 155)
  return { path: prefix === '' ? text(0, 100) : `${prefix}/${text(0, 100)}`, bytes }
}
