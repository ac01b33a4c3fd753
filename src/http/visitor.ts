import { randomUUID } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'

const plainName = 'parley_visitor'
/** Browsers take this name from us alone: over TLS, for every path, from no other host (RFC 6265bis §4.1.3.2). */
const secureName = `__Host-${plainName}`
/** As long as browsers keep a cookie at most (RFC 6265bis §5.5). */
const maxAgeSeconds = 400 * 24 * 3600
const uuid = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/

/**
 * The anonymous visitor behind a request, from the signed cookie; `undefined` without one or with a forged one. Behind TLS
 * the plain name counts for nothing: whoever has a neighbouring host, or the way to a page without TLS, can set it, and
 * would read along as the visitor of their making. A browser that comes from such a page is a new visitor.
 */
export function visitorOf(request: FastifyRequest): string | undefined {
  return visitorIn(request, secureName) ?? (isSecure(request) ? undefined : visitorIn(request, plainName))
}

/** Behind a proxy `trustProxy` tells of TLS; some name the scheme of a socket. */
const isSecure = ({ protocol }: FastifyRequest): boolean => ['https', 'wss'].includes(protocol)

function visitorIn(request: FastifyRequest, name: string): string | undefined {
  const cookie = request.cookies[name]
  if (cookie === undefined) return undefined
  const { valid, value } = request.unsignCookie(cookie)
  return valid && value !== null && uuid.test(value) ? value : undefined
}

/** Makes sure that the browser has a visitor's cookie, and renews it. */
export function keepVisitor(request: FastifyRequest, reply: FastifyReply): void {
  const secure = isSecure(request)
  reply.setCookie(secure ? secureName : plainName, visitorOf(request) ?? randomUUID(), {
    signed: true,
    httpOnly: true,
    sameSite: 'lax',
    path: '/',
    secure,
    maxAge: maxAgeSeconds,
  })
}
