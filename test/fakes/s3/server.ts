import { createHash, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { checkSignature, fakeKey, type Refusal } from './signature.ts'

/** A strict store of objects: signatures, regions, part sizes and the order of parts are what Amazon asks for. */
export interface FakeS3 {
  endpoint: string
  objects: Map<string, Buffer>
  /** In parts, neither put together nor given up. */
  uploads: ReadonlyMap<string, object>
  /** What was asked, as `METHOD key?query`. */
  asked: string[]
  /** Answers the next requests so, before looking at them. */
  refuse(...refusals: (Refusal | 'cut')[]): void
  /** Refuses what is asked so, `METHOD key?query`. */
  refuses: (asked: string) => boolean
  /** Breaks off in the middle of what it gives back. */
  breaksOff: boolean
  /** Keeps something else than what was sent from now on. */
  corrupt: boolean
  close(): Promise<void>
}

export const fakeBucket = { bucket: 'fake-backups', region: 'eu-fake-1' }

/** What an installation needs to be told to use it. */
export const bucketSettings = (fake: FakeS3, prefix = 'bots/acme'): Record<string, string> => ({
  BACKUP_S3_BUCKET: fakeBucket.bucket,
  BACKUP_S3_REGION: fakeBucket.region,
  BACKUP_S3_ENDPOINT: fake.endpoint,
  BACKUP_S3_PREFIX: prefix,
  AWS_ACCESS_KEY_ID: fakeKey.id,
  AWS_SECRET_ACCESS_KEY: fakeKey.secret,
})

const leastPart = 5 * 1024 * 1024
const pageSize = 3

interface State {
  objects: Map<string, Buffer>
  uploads: Map<string, { key: string; parts: Map<number, { etag: string; body: Buffer }> }>
  leastPart: number
  corrupt: boolean
  breaksOff: boolean
  refuses: (asked: string) => boolean
}

interface Asked {
  method: string
  key: string
  query: URLSearchParams
  body: Buffer
}

interface Answer {
  status: number
  headers?: Record<string, string>
  body?: Buffer | string
}

/** `partBytes`: the smallest part it takes, for tests that have no five megabytes to spare. */
export async function createFakeS3(partBytes = leastPart): Promise<FakeS3> {
  const state: State = {
    objects: new Map(),
    uploads: new Map(),
    leastPart: partBytes,
    corrupt: false,
    breaksOff: false,
    refuses: () => false,
  }
  const refusals: (Refusal | 'cut')[] = []
  const asked: string[] = []
  const server = createServer((request, response) => {
    void handle(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)))
  })

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks)
    const url = new URL(request.url ?? '', 'http://fake')
    const [bucket = '', ...rest] = url.pathname.slice(1).split('/').map(decodeURIComponent)
    const key = rest.join('/')
    const line = `${request.method} ${key}${url.search}`
    asked.push(line)
    const refusal =
      refusals.shift() ??
      (state.refuses(line) ? { status: 400, code: 'BadDigest' } : undefined) ??
      checkSignature(request, body, fakeBucket.region) ??
      (bucket === fakeBucket.bucket ? undefined : { status: 404, code: 'NoSuchBucket' })
    if (refusal === 'cut') return void request.socket.destroy()
    const answer = refusal
      ? errorOf(refusal)
      : perform(state, { method: request.method ?? '', key, query: url.searchParams, body })
    if (state.breaksOff && request.method === 'GET' && answer.body instanceof Buffer) {
      response.writeHead(200, { 'content-length': answer.body.length })
      return void response.write(answer.body.subarray(0, answer.body.length / 2), () => response.destroy())
    }
    response.writeHead(answer.status, answer.headers).end(answer.body)
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The fake has no port.')
  return Object.assign(state, {
    endpoint: `http://127.0.0.1:${address.port}`,
    asked,
    refuse: (...more: (Refusal | 'cut')[]): void => void refusals.push(...more),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  })
}

const errorOf = ({ status, code }: Refusal): Answer => ({
  status,
  body: `<?xml version="1.0"?><Error><Code>${code}</Code><Message>As the fake was told.</Message></Error>`,
})

const etagOf = (body: Buffer | string): string => `"${createHash('md5').update(body).digest('hex')}"`

function perform(state: State, asked: Asked): Answer {
  const { method, key, query, body } = asked
  if (method === 'GET' && key === '') return list(state, query)
  if (method === 'GET') {
    const found = state.objects.get(key)
    return found ? { status: 200, body: found } : errorOf({ status: 404, code: 'NoSuchKey' })
  }
  if (method === 'PUT' && query.has('uploadId')) return putPart(state, asked)
  if (method === 'PUT') return store(state, key, body)
  if (method === 'POST' && query.has('uploads')) {
    const id = randomUUID()
    state.uploads.set(id, { key, parts: new Map() })
    return {
      status: 200,
      body: `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
    }
  }
  if (method === 'POST') return complete(state, asked)
  if (method === 'DELETE' && query.has('uploadId')) {
    const known = state.uploads.delete(query.get('uploadId') ?? '')
    return known ? { status: 204 } : errorOf({ status: 404, code: 'NoSuchUpload' })
  }
  if (method === 'DELETE') {
    state.objects.delete(key)
    return { status: 204 }
  }
  return errorOf({ status: 405, code: 'MethodNotAllowed' })
}

function store(state: State, key: string, body: Buffer): Answer {
  const kept = Buffer.from(body)
  if (state.corrupt) kept[kept.length >> 1] = (kept[kept.length >> 1] ?? 0) ^ 1
  state.objects.set(key, kept)
  return { status: 200, headers: { etag: etagOf(body) } }
}

function putPart(state: State, { key, query, body }: Asked): Answer {
  const upload = state.uploads.get(query.get('uploadId') ?? '')
  if (upload?.key !== key) return errorOf({ status: 404, code: 'NoSuchUpload' })
  const etag = etagOf(body)
  upload.parts.set(Number(query.get('partNumber')), { etag, body })
  return { status: 200, headers: { etag } }
}

function complete(state: State, { key, query, body }: Asked): Answer {
  const id = query.get('uploadId') ?? ''
  const upload = state.uploads.get(id)
  if (upload?.key !== key) return errorOf({ status: 404, code: 'NoSuchUpload' })
  const wanted = [...body.toString().matchAll(/<PartNumber>(\d+)<\/PartNumber><ETag>([^<]+)<\/ETag>/g)]
  const parts = wanted.map(([, number, etag]) => ({
    number: Number(number),
    part: upload.parts.get(Number(number)),
    etag,
  }))
  if (parts.some(({ part, etag }) => part === undefined || part.etag !== etag?.replaceAll('&quot;', '"')))
    return errorOf({ status: 400, code: 'InvalidPart' })
  if (parts.some(({ number }, index) => number !== index + 1))
    return errorOf({ status: 400, code: 'InvalidPartOrder' })
  const bodies = parts.map(({ part }) => part?.body ?? Buffer.alloc(0))
  if (bodies.slice(0, -1).some((each) => each.length < state.leastPart))
    return errorOf({ status: 400, code: 'EntityTooSmall' })
  state.uploads.delete(id)
  store(state, key, Buffer.concat(bodies))
  return { status: 200, body: '<CompleteMultipartUploadResult></CompleteMultipartUploadResult>' }
}

function list({ objects }: State, query: URLSearchParams): Answer {
  if (query.get('list-type') !== '2') return errorOf({ status: 400, code: 'InvalidArgument' })
  const prefix = query.get('prefix') ?? ''
  const after = query.get('continuation-token') ?? ''
  const keys = [...objects.keys()]
    .filter(
      (key) =>
        key.startsWith(prefix) && !(query.get('delimiter') === '/' && key.slice(prefix.length).includes('/')),
    )
    .toSorted()
    .filter((key) => key > after)
  const page = keys.slice(0, pageSize)
  const contents = page.map(
    (key) =>
      `<Contents><Key>${key.replaceAll('&', '&amp;')}</Key><Size>${objects.get(key)?.length}</Size></Contents>`,
  )
  const isMore = keys.length > page.length
  const next = isMore ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : ''
  return {
    status: 200,
    body: `<?xml version="1.0"?><ListBucketResult><IsTruncated>${isMore}</IsTruncated>${next}${contents.join('')}</ListBucketResult>`,
  }
}
