import { randomUUID } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'

const plainName = 'parley_visitor'
/** Browsers take this name from us alone: over TLS, for every path, from no other host (RFC 6265bis §4.1.3.2). */
const secureName = `__Host-${plainName}`
/** As long as browsers keep a cookie at most (RFC 6265bis §5.5). */
const maxAgeSeconds = 400 * 24 * 3600
const uuid = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/

/**
 * The anonymous visitor behind a request, from the signed cookie; `undefined` without one or with a forged one. A browser
 * that got its cookie before the server had TLS stays who it was.
 */
export function visitorOf(request: FastifyRequest): string | undefined {
  return visitorIn(request, secureName) ?? visitorIn(request, plainName)
}

function visitorIn(request: FastifyRequest, name: string): string | undefined {
  const cookie = request.cookies[name]
  if (cookie === undefined) return undefined
  const { valid, value } = request.unsignCookie(cookie)
  return valid && value !== null && uuid.test(value) ? value : undefined
}

/** Makes sure that the browser has a visitor's cookie, and renews it. Behind a proxy `trustProxy` tells of TLS. */
export function keepVisitor(request: FastifyRequest, reply: FastifyReply): void {
  const secure = request.protocol === 'https'
  reply.setCookie(secure ? secureName : plainName, visitorOf(request) ?? randomUUID(), {
    signed: true,
    httpOnly: true,
    sameSite: 'lax',
    path: '/',
    secure,
    maxAge: maxAgeSeconds,
  })
}
