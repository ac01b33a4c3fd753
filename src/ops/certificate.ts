import { isIP } from 'node:net'
import { checkServerIdentity, connect, type PeerCertificate } from 'node:tls'

/** What whoever calls an address is shown. */
export interface ShownCertificate {
  certificate: PeerCertificate
  /** Why this machine does not trust it; empty where it does. */
  distrust: string
  /** Its name is that of the address. */
  isOfHost: boolean
  /** Milliseconds since the epoch; it is good between the two. */
  from: number
  to: number
}

/** Rejects where none is shown: nothing listens, nothing answers, or who does has none. */
export async function readCertificate({ hostname, port }: URL): Promise<ShownCertificate> {
  const host = hostname.replace(/^\[|\]$/g, '')
  const shown = await show(host, Number(port || 443))
  const { certificate } = shown
  return {
    ...shown,
    isOfHost: checkServerIdentity(host, certificate) === undefined,
    from: Date.parse(certificate.valid_from),
    to: Date.parse(certificate.valid_to),
  }
}

function show(host: string, port: number): Promise<Pick<ShownCertificate, 'certificate' | 'distrust'>> {
  return new Promise((resolve, reject) => {
    const names = isIP(host) === 0 ? { servername: host } : {}
    // Looked at, not trusted: nothing is sent.
    const socket = connect({ host, port, rejectUnauthorized: false, timeout: 4000, ...names }, () => {
      const distrust = socket.authorized ? '' : String(socket.authorizationError)
      resolve({ certificate: socket.getPeerCertificate(), distrust })
      socket.destroy()
    })
    socket.once('error', reject)
    socket.once('timeout', () => socket.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })))
  })
}

const dayMs = 86_400_000
/** Who renews certificates does so a month before their end, and those that live for days when a third is left. */
const soonMs = 14 * dayMs

/** It should have been renewed by now. */
export const endsSoon = ({ from, to }: Pick<ShownCertificate, 'from' | 'to'>, now: number): boolean =>
  to - now < Math.min(soonMs, (to - from) / 6)
