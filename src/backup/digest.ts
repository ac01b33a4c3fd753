import { createHash } from 'node:crypto'
import type { Bytes } from './bytes.ts'
import { damaged } from './fault.ts'

/**
 * The last bytes of an archive tell the SHA-256 of all before them, so that no bit may change: gzip's own sum leaves out
 * its head and the bits that fill a byte up. They are an empty member of their own with the digest as a comment
 * (RFC 1952 §2.2, §2.3), so that `tar xzf` still reads the file.
 */
export async function* appendDigest(source: Bytes): Bytes {
  const hash = createHash('sha256')
  for await (const piece of source) {
    hash.update(piece)
    yield piece
  }
  yield memberWith(hash.digest('hex'))
}

/** What stands before the digest; throws at the end where it is another one. */
export async function* checkDigest(source: Bytes): Bytes {
  const hash = createHash('sha256')
  let held: Buffer = Buffer.alloc(0)
  for await (const piece of source) {
    held = Buffer.concat([held, piece])
    const passed = held.subarray(0, Math.max(0, held.length - memberBytes))
    held = held.subarray(passed.length)
    if (passed.length === 0) continue
    hash.update(passed)
    yield passed
  }
  if (!held.equals(memberWith(hash.digest('hex')))) throw damaged('its checksum is another one')
}

function memberWith(digest: string): Buffer {
  const [head, emptyBlock, sumAndSize] = ['1f8b08100000000000ff', '0300', '0000000000000000'].map((hex) =>
    Buffer.from(hex, 'hex'),
  ) as [Buffer, Buffer, Buffer]
  return Buffer.concat([head, Buffer.from(`sha256:${digest}\0`), emptyBlock, sumAndSize])
}

const memberBytes = memberWith('0'.repeat(64)).length
