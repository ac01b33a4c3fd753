import { createHash, createHmac } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** The key a fake bucket takes. */
export const fakeKey = { id: 'FAKEKEYIDOFTESTS0000', secret: 'fake/secret+of/tests' }

export interface Refusal {
  status: number
  code: string
}

const digest = (data: Buffer | string) => createHash('sha256').update(data).digest('hex')

/** Amazon's own spelling of a query and a path, from what came over the line. */
const spelling = (text: string) =>
  [...Buffer.from(text)]
    .map((byte) =>
      /[A-Za-z0-9\-._~]/.test(String.fromCharCode(byte))
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
    )
    .join('')

/** What is wrong with the signature of a request, checked as Amazon describes it; `undefined`: nothing. */
export function checkSignature(request: IncomingMessage, body: Buffer, region: string): Refusal | undefined {
  const { authorization = '' } = request.headers
  const [, id, day, itsRegion, names = '', signature] =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(
      authorization,
    ) ?? []
  if (id === undefined || day === undefined) return { status: 403, code: 'AccessDenied' }
  if (id !== fakeKey.id) return { status: 403, code: 'InvalidAccessKeyId' }
  if (itsRegion !== region) return { status: 400, code: 'AuthorizationHeaderMalformed' }
  const moment = String(request.headers['x-amz-date'] ?? '')
  const [, y, mo, d, h, mi, s] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(moment) ?? []
  if (`${y}${mo}${d}` !== day) return { status: 403, code: 'SignatureDoesNotMatch' }
  if (Math.abs(Date.parse(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`) - Date.now()) > 15 * 60_000)
    return { status: 403, code: 'RequestTimeTooSkewed' }
  const list = names.split(';')
  const must = ['host', ...Object.keys(request.headers).filter((name) => name.startsWith('x-amz-'))]
  if (must.some((name) => !list.includes(name)) || list.join() !== list.toSorted().join())
    return { status: 403, code: 'SignatureDoesNotMatch' }
  if (request.headers['x-amz-content-sha256'] !== digest(body))
    return { status: 400, code: 'XAmzContentSHA256Mismatch' }
  return expected(request, body, { list, day, region, moment }) === signature
    ? undefined
    : { status: 403, code: 'SignatureDoesNotMatch' }
}

function expected(
  request: IncomingMessage,
  body: Buffer,
  { list, day, region, moment }: { list: string[]; day: string; region: string; moment: string },
): string {
  const [path = '', query = ''] = (request.url ?? '').split('?', 2)
  const parameters = query === '' ? [] : query.split('&').map((pair) => pair.split('=', 2))
  const canonical = parameters
    .map(([name = '', value = '']) => [
      spelling(decodeURIComponent(name)),
      spelling(decodeURIComponent(value)),
    ])
    .toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1))
  const lines = [
    request.method,
    path
      .split('/')
      .map((part) => spelling(decodeURIComponent(part)))
      .join('/'),
    canonical.map((pair) => pair.join('=')).join('&'),
    ...list.map((name) => `${name}:${String(request.headers[name] ?? '').trim()}`),
    '',
    list.join(';'),
    digest(body),
  ]
  const text = `AWS4-HMAC-SHA256\n${moment}\n${day}/${region}/s3/aws4_request\n${digest(lines.join('\n'))}`
  let key = Buffer.from(`AWS4${fakeKey.secret}`)
  for (const part of [day, region, 's3', 'aws4_request'])
    key = createHmac('sha256', key).update(part).digest()
  return createHmac('sha256', key).update(text).digest('hex')
}
