import { endsSoon, readCertificate, type ShownCertificate } from '../../ops/certificate.ts'
import { fail, type Item, ok, warn } from './item.ts'

/** Whoever calls the address gets a certificate of its name that is trusted and good for a while. */
export async function checkCertificate(address: URL, now: number): Promise<Item> {
  const host = address.hostname
  const place = `${host}:${address.port || 443}`
  try {
    return judgeCertificate(await readCertificate(address), host, now)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (code === 'ECONNREFUSED')
      return fail(
        'certificate',
        `nothing listens at ${place}`,
        'start the proxy that ends TLS there, or open the port to it',
      )
    if (/^(ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/.test(code))
      return fail(
        'certificate',
        `no answer at ${place} (${code})`,
        'open the port in the firewalls on the way',
      )
    return pending(`${place} shows none (${code || String(error)})`)
  }
}

/** Until one is there, a proxy breaks the handshake off, or shows one that it made itself. */
const pending = (found: string): Item =>
  fail(
    'certificate',
    `not issued yet: ${found}`,
    'wait a minute for its issuer; then look why: certbot certificates, or kubectl describe certificate',
  )

/** A name may stand in a certificate several times, or not at all. */
const oneOf = (name: string | string[] | undefined): string => [name ?? 'nobody'].flat().join(', ')

/** What proxies show while they have none. */
const ownNames = /fake certificate|default cert|snakeoil|^localhost$|^traefik/i

function judgeCertificate(shown: ShownCertificate, host: string, now: number): Item {
  const { certificate, distrust, isOfHost, from, to } = shown
  const until = new Date(to).toISOString().slice(0, 10)
  const issuer = oneOf(certificate.issuer?.O ?? certificate.issuer?.CN)
  const subject = oneOf(certificate.subject?.CN)
  const isOwn = /SELF_SIGNED/.test(distrust) && (!isOfHost || ownNames.test(subject))
  if (isOwn) return pending(`the proxy shows one of its own, of ${subject}`)
  if (to <= now)
    return fail(
      'certificate',
      `expired on ${until}`,
      'renew it (certbot renew, or kubectl describe certificate), and look why it was not by itself',
    )
  if (from > now)
    return fail(
      'certificate',
      `good only from ${new Date(from).toISOString()}`,
      'set the clock of this machine right, or get another certificate',
    )
  if (!isOfHost)
    return fail(
      'certificate',
      `it is not of ${host}, but of ${certificate.subjectaltname ?? subject}`,
      `get a certificate of ${host}, and let the proxy show it for that name`,
    )
  if (distrust.startsWith('DEPTH_ZERO_SELF_SIGNED'))
    return fail(
      'certificate',
      'nobody trusts it: nobody issued it, it was made by hand',
      'get a real one in its place: certbot certonly, as docs/guides/deployment.md has it',
    )
  if (distrust !== '')
    return fail(
      'certificate',
      `nobody trusts it (${distrust}), issued by ${issuer}`,
      'serve the whole chain (fullchain.pem) of an authority that Telegram and browsers trust',
    )
  const found = `of ${issuer}, good until ${until}`
  return endsSoon(shown, now)
    ? warn('certificate', found, 'look why it was not renewed yet (systemctl list-timers, cert-manager)')
    : ok('certificate', found)
}
