import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAuthority, selfSigned } from '../../../test/support/certificates.ts'
import { createTlsFront, type TlsFront } from '../../../test/support/tls-front.ts'
import { checkCertificate } from './certificate.ts'

const dayMs = 86_400_000
const before = getCACertificates()
const authority = createAuthority()
let front: TlsFront
beforeAll(async () => {
  front = await createTlsFront(authority.issue('localhost', 90), 1)
})
afterAll(async () => {
  setDefaultCACertificates(before)
  authority.close()
  await front.close()
})

const check = (afterDays: number) =>
  checkCertificate(new URL(`https://localhost:${front.port}`), Date.now() + afterDays * dayMs)

test('a chain that nobody trusts', async () => {
  expect(await check(0)).toMatchObject({
    status: 'fail',
    found: expect.stringMatching(/^nobody trusts it \(.*\), issued by Tests$/),
    next: expect.stringContaining('fullchain.pem'),
  })
})

test('the one of the guide, until there is a real one', async () => {
  const own = await createTlsFront(selfSigned('chat.example.com', 'localhost'), 1)
  try {
    expect(await checkCertificate(new URL(`https://localhost:${own.port}`), Date.now())).toMatchObject({
      status: 'fail',
      found: 'nobody trusts it: nobody issued it, it was made by hand',
      next: expect.stringContaining('certbot certonly'),
    })
  } finally {
    await own.close()
  }
})

test.each([
  [-1, 'fail', /^good only from/, /clock of this machine/],
  [0, 'ok', /^of Tests, good until \d{4}-\d\d-\d\d$/, /^$/],
  [75, 'ok', /good until/, /^$/],
  [77, 'warn', /good until/, /not renewed yet/],
  [91, 'fail', /^expired on/, /renew it/],
])('%i days after it was issued: %s', async (days, status, found, next) => {
  setDefaultCACertificates([...before, authority.cert])
  const item = await check(days)
  expect(item.status).toBe(status)
  expect(item.found).toMatch(found)
  expect(item.next ?? '').toMatch(next)
})
