import type { FastifyRequest } from 'fastify'

/** The origins a page of this host can have; a port that is its scheme's own is left out of them. */
const originsOf = (host: string): string[] =>
  ['http', 'https'].flatMap((scheme) => {
    const address = `${scheme}://${host}`
    return URL.canParse(address) ? [new URL(address).origin] : []
  })

/**
 * Whether a page of this origin may open a socket: the server's own, or one of the list. A request without an origin is
 * no page and is refused (RFC 6455 §10.2).
 */
export function isAllowedOrigin(request: FastifyRequest, allowed: readonly string[]): boolean {
  const { origin } = request.headers
  if (origin === undefined) return false
  if (allowed.includes(origin)) return true
  return originsOf(request.host).includes(origin)
}
