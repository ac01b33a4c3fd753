import type { FastifyRequest } from 'fastify'

/**
 * Whether a page of this origin may open a socket: the server's own, or one of the list. A request without an origin is
 * no page and is refused (RFC 6455 §10.2).
 */
export function isAllowedOrigin(request: FastifyRequest, allowed: readonly string[]): boolean {
  const { origin } = request.headers
  if (origin === undefined) return false
  if (allowed.includes(origin)) return true
  return URL.canParse(origin) && new URL(origin).host === request.host
}
