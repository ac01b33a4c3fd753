import {
  createCipheriv,
  createDecipheriv,
  createHash,
  randomBytes,
  scrypt,
  timingSafeEqual,
} from 'node:crypto'
import { type ByteReader, type Bytes, createByteReader } from './bytes.ts'
import { backupFault, damaged } from './fault.ts'

/**
 * An encrypted archive: a head (the words below, salt, check, nonce), then pieces of at most 64 KB under AES-256-GCM. Each
 * begins with its length, whose highest bit marks the last one; the nonce counts the pieces and says which is the last, and
 * every tag covers the head: none can be changed, left out, moved or added (https://eprint.iacr.org/2015/189, STREAM).
 */
export const sealedMark = Buffer.from('PARLEY BACKUP 1\n')

const pieceBytes = 65_536
const lastBit = 0x80000000
const [saltBytes, checkBytes, nonceBytes, tagBytes] = [16, 16, 7, 16]

/** 32 MB of memory and about a third of a second for each guess (OWASP's cheat sheet on storing passwords). */
const cost = { N: 2 ** 15, r: 8, p: 3, maxmem: 64 * 1024 * 1024 }

/** Half of what comes out is the key; a digest of the other half tells a wrong passphrase from a damaged file. */
async function derive(passphrase: string, salt: Buffer): Promise<{ key: Buffer; check: Buffer }> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  scrypt(passphrase.normalize('NFC'), salt, 64, cost, (error, key) => (error ? reject(error) : resolve(key)))
  const derived = await promise
  const check = createHash('sha256').update(derived.subarray(32)).digest().subarray(0, checkBytes)
  return { key: derived.subarray(0, 32), check }
}

function nonceOf(prefix: Buffer, count: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(12)
  prefix.copy(nonce)
  nonce.writeUInt32BE(count, nonceBytes)
  nonce[11] = Number(isLast)
  return nonce
}

/** Encrypts a stream. */
export async function* seal(source: Bytes, passphrase: string): Bytes {
  const salt = randomBytes(saltBytes)
  const prefix = randomBytes(nonceBytes)
  const { key, check } = await derive(passphrase, salt)
  const head = Buffer.concat([sealedMark, salt, check, prefix])
  yield head
  const reader = createByteReader(source)
  for (let count = 0, isLast = false; !isLast; count += 1) {
    const plain = await upTo(reader, pieceBytes)
    isLast = await reader.isAtEnd()
    const cipher = createCipheriv('aes-256-gcm', key, nonceOf(prefix, count, isLast))
    cipher.setAAD(head)
    const length = Buffer.alloc(4)
    length.writeUInt32BE(plain.length + (isLast ? lastBit : 0))
    yield Buffer.concat([length, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
  }
}

/** Decrypts what `seal` made; throws where the passphrase is another one or a bit has changed. */
export async function* unseal(source: Bytes, passphrase: string | undefined): Bytes {
  const reader = createByteReader(source)
  const head = await reader.take(sealedMark.length + saltBytes + checkBytes + nonceBytes)
  const salt = head.subarray(sealedMark.length).subarray(0, saltBytes)
  const prefix = head.subarray(-nonceBytes)
  if (passphrase === undefined)
    throw locked('The backup is encrypted', 'set BACKUP_PASSPHRASE (or BACKUP_PASSPHRASE_FILE)')
  const { key, check } = await derive(passphrase, salt)
  if (!timingSafeEqual(check, head.subarray(-nonceBytes - checkBytes, -nonceBytes)))
    throw locked(
      'BACKUP_PASSPHRASE does not open the backup',
      'set the one it was made with; if it surely is that one, the file is damaged: take another backup',
    )
  for (let count = 0, isLast = false; !isLast; count += 1) {
    const length = (await reader.take(4)).readUInt32BE()
    isLast = length >= lastBit
    const bytes = isLast ? length - lastBit : length
    if (bytes > pieceBytes) throw damaged('a piece of it is too long')
    const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(prefix, count, isLast))
    decipher.setAAD(head)
    const hidden = await reader.take(bytes)
    decipher.setAuthTag(await reader.take(tagBytes))
    const plain = decipher.update(hidden)
    try {
      decipher.final()
    } catch (cause) {
      throw damaged(`piece ${count + 1} of it was changed`, cause)
    }
    yield plain
  }
  if (!(await reader.isAtEnd())) throw damaged('something follows its end')
}

async function upTo(reader: ByteReader, most: number): Promise<Buffer> {
  const pieces: Buffer[] = []
  let size = 0
  while (size < most && !(await reader.isAtEnd())) {
    const piece = await reader.some(most - size)
    pieces.push(piece)
    size += piece.length
  }
  return Buffer.concat(pieces)
}

const locked = (found: string, next: string) => backupFault('BACKUP_LOCKED', found, next)
