import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { ParleyError } from '../../model/errors.ts'
import { digestOf } from '../archive.ts'
import type { Bytes } from '../bytes.ts'
import type { Destination, StoredFile } from '../destination.ts'
import { backupFault, reasonOf } from '../fault.ts'
import { createS3Client, nameOf, type S3Client, type S3Place, unreachable } from './client.ts'

const megabyte = 1024 * 1024
/** One part is in memory at a time. There may be 10,000 of them, each of 5 MB at least but the last. */
const leastPart = 16 * megabyte
const mostParts = 9000

/** Backups in a bucket. A key appears with the whole of its content or not at all. */
export function createS3Destination(
  place: S3Place,
  { partBytes, firstWaitMs }: { partBytes?: number; firstWaitMs?: number } = {},
): Destination {
  const ask = createS3Client(place, firstWaitMs)
  const keyOf = (name: string): string => `${place.prefix}${name}`
  const read = async (name: string): Promise<Bytes> =>
    bodyOf(place, await ask({ method: 'GET', key: keyOf(name) }))
  const remove = async (name: string): Promise<void> =>
    void (await ask({ method: 'DELETE', key: keyOf(name) }))
  return {
    where: nameOf(place),
    list: () => list(ask, place.prefix),
    read,
    remove,
    async put(name, file) {
      const { size } = await stat(file)
      const part = partBytes ?? Math.max(leastPart, Math.ceil(size / mostParts))
      try {
        await upload(ask, keyOf(name), file, { size, part })
        const [given, kept] = await Promise.all([digestOf(createReadStream(file)), read(name).then(digestOf)])
        if (given !== kept)
          throw backupFault(
            'BACKUP_FAILED',
            `What ${nameOf(place)} keeps is not what was sent`,
            'look at the store',
          )
      } catch (error) {
        // Of an upload that failed nobody knows: the answer alone may have got lost.
        await remove(name).catch(() => {
          throw leftBehind(`${nameOf(place)}/${name}`, error)
        })
        throw error
      }
    },
  }
}

/** What is there was not compared, and is in the list of backups all the same. */
const leftBehind = (where: string, cause: unknown) =>
  backupFault(
    'BACKUP_FAILED',
    `${reasonOf(cause)}; and what may have arrived cannot be taken away again`,
    `remove ${where}, it is no proven backup; ${stepOf(cause)}`,
    cause,
  )

const stepOf = (cause: unknown): string =>
  (cause instanceof ParleyError ? cause.diagnosis?.next : undefined) ?? 'look at the store'

async function* bodyOf(place: S3Place, { body }: Response): Bytes {
  try {
    if (body !== null) yield* Readable.fromWeb(body as ReadableStream<Uint8Array>) as Bytes
  } catch (error) {
    throw unreachable(place, error)
  }
}

async function upload(
  ask: S3Client,
  key: string,
  path: string,
  { size, part }: { size: number; part: number },
): Promise<void> {
  const file = await open(path)
  const portion = async (from: number): Promise<Buffer> => {
    const wanted = Math.min(part, size - from)
    const { buffer, bytesRead } = await file.read(Buffer.alloc(wanted), 0, wanted, from)
    if (bytesRead !== wanted) throw new Error(`${path} became shorter while it was sent`)
    return buffer
  }
  try {
    if (size <= part) await ask({ method: 'PUT', key, body: await portion(0) })
    else await uploadParts(ask, key, { size, part, portion })
  } finally {
    await file.close()
  }
}

interface Parts {
  size: number
  part: number
  portion(from: number): Promise<Buffer>
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html */
async function uploadParts(ask: S3Client, key: string, { size, part, portion }: Parts): Promise<void> {
  const begun = await (await ask({ method: 'POST', key, query: { uploads: '' } })).text()
  const uploadId = fieldOf(begun, 'UploadId')
  try {
    const done: string[] = []
    for (let from = 0; from < size; from += part) {
      const query = { partNumber: String(done.length + 1), uploadId }
      const { headers } = await ask({ method: 'PUT', key, query, body: await portion(from) })
      done.push(
        `<Part><PartNumber>${done.length + 1}</PartNumber><ETag>${headers.get('etag') ?? ''}</ETag></Part>`,
      )
    }
    const body = Buffer.from(`<CompleteMultipartUpload>${done.join('')}</CompleteMultipartUpload>`)
    // An error may come with a good status: the answer begins before the work is done.
    const ended = await (await ask({ method: 'POST', key, query: { uploadId }, body })).text()
    if (!ended.includes('<CompleteMultipartUploadResult'))
      throw backupFault(
        'BACKUP_FAILED',
        `The store did not put the parts of ${key} together`,
        'try again later',
      )
  } catch (error) {
    await ask({ method: 'DELETE', key, query: { uploadId } }).catch(() => undefined)
    throw error
  }
}

/** Names directly below the prefix; a thousand at a time. */
async function list(ask: S3Client, prefix: string): Promise<StoredFile[]> {
  const found: StoredFile[] = []
  for (let token: string | undefined = ''; token !== undefined; ) {
    const more: Record<string, string> = token === '' ? {} : { 'continuation-token': token }
    const answer = await ask({ method: 'GET', query: { 'list-type': '2', delimiter: '/', prefix, ...more } })
    const page = await answer.text()
    for (const [, entry = ''] of page.matchAll(/<Contents>(.*?)<\/Contents>/gs))
      found.push({ name: fieldOf(entry, 'Key').slice(prefix.length), bytes: Number(fieldOf(entry, 'Size')) })
    token = fieldOf(page, 'IsTruncated') === 'true' ? fieldOf(page, 'NextContinuationToken') : undefined
  }
  return found
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

function fieldOf(xml: string, name: string): string {
  const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? ''
  return text.replace(/&(\w+);/g, (all, entity: string) => entities[entity] ?? all)
}
