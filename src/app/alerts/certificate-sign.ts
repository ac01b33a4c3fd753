import type { Sign } from '../../jobs/alerts.ts'
import type { Clock } from '../../model/time.ts'
import { endsSoon, readCertificate, type ShownCertificate } from '../../ops/certificate.ts'
import type { Metrics } from '../../ops/metrics.ts'
import { soon } from '../../ops/soon.ts'

const hourMs = 3_600_000
const everyMs = 6 * hourMs
const againMs = hourMs / 6
/** What was seen so long ago is known no longer: it may have been renewed since. */
const knownMs = 24 * hourMs

/**
 * The certificate of a public address of the bot ends soon. Where none is shown, or one of another name, its end is not
 * known, which is no sign: that nobody gets in is told by others.
 */
export function createCertificateSign(
  address: URL,
  { metrics, clock }: { metrics: Metrics; clock: Clock },
  read = readCertificate,
): Sign {
  const { host } = address
  let known: (Pick<ShownCertificate, 'from' | 'to'> & { seenAt: number }) | undefined
  let next = 0

  async function refresh(now: number): Promise<void> {
    next = now + againMs
    const { from, to, isOfHost } = await soon(read(address))
    if (!isOfHost) return
    next = now + everyMs
    known = { from, to, seenAt: now }
    metrics.certificateFrom.set({ host }, from / 1000)
    metrics.certificateTo.set({ host }, to / 1000)
  }

  return {
    kind: 'certificate',
    forMs: 0,
    measures: true,
    async look() {
      const now = clock.now()
      // Not at the next hour of a clock that was ahead.
      if (now >= next || next > now + everyMs) await refresh(now).catch(() => undefined)
      if (!known || Math.abs(now - known.seenAt) > knownMs) {
        metrics.certificateFrom.remove({ host })
        metrics.certificateTo.remove({ host })
        throw new Error('the certificate is not known')
      }
      const leftMs = known.to - now
      return endsSoon(known, now) ? { kind: 'certificate', host, leftMs } : undefined
    },
  }
}
