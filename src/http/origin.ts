import type { FastifyRequest } from 'fastify'

export interface OriginRules {
  /** Origins besides the server's own that may open a socket. */
  origins: readonly string[]
  /**
   * Whether a name in `Host` may be the server's own. One that only this machine reaches has no other name than a
   * loopback one: what else is there was made to point here (DNS rebinding).
   */
  isOwnHost(hostname: string): boolean
}

const unlisted = 'This origin may not open a socket; add it to web.origins.'
const rebound =
  'This server listens on a loopback address, and the host of this page is not one: behind a proxy set TRUST_PROXY, ' +
  'or add the origin to web.origins.'

/** The pages a host of this name can have; a port that is its scheme's own is left out of their origins. */
const pagesOf = (host: string): URL[] =>
  ['http', 'https'].flatMap((scheme) => {
    const address = `${scheme}://${host}`
    return URL.canParse(address) ? [new URL(address)] : []
  })

/**
 * Why a page of this origin may not open a socket; `undefined` when it may: it is the server's own, or of the list. A
 * request without an origin is no page and is refused (RFC 6455 §10.2).
 */
export function refuseOrigin(request: FastifyRequest, rules: OriginRules): string | undefined {
  const { origin } = request.headers
  if (origin !== undefined && rules.origins.includes(origin)) return undefined
  const own = pagesOf(request.host).find((page) => page.origin === origin)
  if (!own) return unlisted
  return rules.isOwnHost(own.hostname) ? undefined : rebound
}
