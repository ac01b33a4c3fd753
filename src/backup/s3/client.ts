import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { backupFault, codeOf, reasonOf } from '../fault.ts'
import { type Credentials, escaped, signed } from './signature.ts'

/** A bucket of S3 or of something that speaks like it. */
export interface S3Place extends Credentials {
  endpoint: string
  bucket: string
  /** In front of every key, with its closing slash; may be empty. */
  prefix: string
}

export interface S3Request {
  method: 'GET' | 'PUT' | 'POST' | 'DELETE'
  /** None: the bucket itself. */
  key?: string
  query?: Readonly<Record<string, string>>
  headers?: Readonly<Record<string, string>>
  body?: Buffer
}

/** Asks the store; what is busy or away for a moment is asked again, anything else said plainly. */
export type S3Client = (request: S3Request) => Promise<Response>

const tries = 5

export function createS3Client(place: S3Place, firstWaitMs = 500): S3Client {
  return async (request) => {
    for (let count = 1; ; count += 1) {
      const answer = await send(place, request).catch((error: unknown) => ({ error }))
      if ('error' in answer) {
        if (count === tries) throw unreachable(place, answer.error)
      } else {
        if (answer.ok) return answer
        const words = await answer.text().catch(() => '')
        if (count === tries || !(answer.status >= 500 || answer.status === 429))
          throw refused(place, answer.status, words)
      }
      await sleep(firstWaitMs * 2 ** (count - 1))
    }
  }
}

const nothing = Buffer.alloc(0)

/** `fetch` itself gives up where nothing comes for five minutes; how long all of it takes is not limited. */
async function send(
  place: S3Place,
  { method, key, query = {}, headers = {}, body = nothing }: S3Request,
): Promise<Response> {
  // The bucket in the path: compatible stores need no names of their own for it.
  const path = [place.bucket, ...(key === undefined ? [] : key.split('/'))].map(escaped).join('/')
  const url = new URL(`${place.endpoint}/${path}`)
  url.search = Object.entries(query)
    .map(([name, value]) => `${escaped(name)}=${escaped(value)}`)
    .join('&')
  const bodySha256 = createHash('sha256').update(body).digest('hex')
  const { host: _, ...sent } = signed({ method, url, headers, bodySha256, at: new Date() }, place)
  return fetch(url, {
    method,
    headers: sent,
    redirect: 'manual',
    ...(method === 'GET' || method === 'DELETE' ? {} : { body: new Uint8Array(body) }),
  })
}

/** By the `Code` of the answer (https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html). */
const refusals: readonly [pattern: RegExp, found: (place: S3Place) => string, next: string][] = [
  [
    /InvalidAccessKeyId|SignatureDoesNotMatch|InvalidToken|ExpiredToken/,
    () => 'the key is refused',
    'correct AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN, if it is a temporary key)',
  ],
  [
    /RequestTimeTooSkewed/,
    () => 'the clock of this machine is wrong',
    'set it right: timedatectl set-ntp true',
  ],
  [
    /NoSuchBucket/,
    ({ bucket }) => `there is no bucket ${bucket}`,
    'make it, or correct backup.s3.bucket (BACKUP_S3_BUCKET)',
  ],
  [
    /PermanentRedirect|AuthorizationHeaderMalformed|IllegalLocationConstraint/,
    ({ region }) => `the bucket is not in region ${region}`,
    'correct backup.s3.region (BACKUP_S3_REGION)',
  ],
  [
    /AccessDenied|AllAccessDisabled/,
    () => 'the key may not do that',
    'allow it s3:ListBucket on the bucket, and s3:GetObject, s3:PutObject, s3:DeleteObject and s3:AbortMultipartUpload on what is in it',
  ],
]

function refused(place: S3Place, status: number, words: string) {
  const code = /<Code>([^<]{1,80})<\/Code>/.exec(words)?.[1] ?? ''
  const known = refusals.find(([pattern]) => pattern.test(code))
  const said = known ? known[1](place) : `it answers ${status}${code === '' ? '' : ` (${code})`}`
  const next = known ? known[2] : 'try again later; if it stays, look at the store'
  return backupFault('BACKUP_FAILED', `The bucket ${nameOf(place)} cannot be used: ${said}`, next)
}

export function unreachable(place: S3Place, error: unknown) {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  const code = codeOf(cause)
  return backupFault(
    'BACKUP_FAILED',
    `The store at ${new URL(place.endpoint).host} cannot be reached: ${code === '' ? reasonOf(cause) : code}`,
    'check backup.s3.endpoint (BACKUP_S3_ENDPOINT), and the network',
    error,
  )
}

/** For people: `s3://bucket/folder`. */
export const nameOf = ({ bucket, prefix }: Pick<S3Place, 'bucket' | 'prefix'>): string =>
  `s3://${bucket}/${prefix}`.replace(/\/$/, '')
