import { randomUUID } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'

const cookieName = 'parley_visitor'
/** As long as browsers keep a cookie at most (RFC 6265bis §5.5). */
const maxAgeSeconds = 400 * 24 * 3600
const uuid = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/

/** The anonymous visitor behind a request, from the signed cookie; `undefined` without one or with a forged one. */
export function visitorOf(request: FastifyRequest): string | undefined {
  const cookie = request.cookies[cookieName]
  if (cookie === undefined) return undefined
  const { valid, value } = request.unsignCookie(cookie)
  return valid && value !== null && uuid.test(value) ? value : undefined
}

/** Makes sure that the browser has a visitor's cookie, and renews it. */
export function keepVisitor(request: FastifyRequest, reply: FastifyReply): void {
  reply.setCookie(cookieName, visitorOf(request) ?? randomUUID(), {
    signed: true,
    httpOnly: true,
    sameSite: 'lax',
    path: '/',
    secure: request.protocol === 'https',
    maxAge: maxAgeSeconds,
  })
}
