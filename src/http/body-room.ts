import type { FastifyReply, FastifyRequest } from 'fastify'
import { ParleyError } from '../model/errors.ts'

/**
 * Bounds what all request bodies under way may hold together. Throws `OVERLOADED` (503) for one too many; the place of the
 * others is given back when their answer is over.
 */
export function createBodyRoom(mostBytes: number, bodyLimit: number) {
  let held = 0
  return ({ headers }: FastifyRequest, reply: FastifyReply): void => {
    const told = Number(headers['content-length'] ?? bodyLimit)
    const bytes = Number.isFinite(told) ? Math.min(told, bodyLimit) : bodyLimit
    if (held > 0 && held + bytes > mostBytes) throw new ParleyError('OVERLOADED', undefined, { status: 503 })
    held += bytes
    reply.raw.once('close', () => {
      held -= bytes
    })
  }
}
