import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { type ErrorCode, ParleyError } from '../model/errors.ts'
import type { Events } from '../ops/events.ts'

/** When it is not known better, in milliseconds. */
const retryAfterMs = 1000

/** The one place where errors become answers: a code of the catalogue, a sentence, the request's id. */
export function answerError(events: Events) {
  return (error: FastifyError | Error, request: FastifyRequest, reply: FastifyReply): void => {
    const { status, code, message, again } = describe(error)
    if (status >= 500 && code === 'INTERNAL')
      events.faulted({ area: 'http', err: error, requestId: request.id })
    if (again !== undefined) reply.header('retry-after', Math.ceil(again / 1000))
    reply.status(status).send({ error: { code, message, requestId: request.id } })
  }
}

interface Described {
  status: number
  code: ErrorCode
  message: string
  /** When to try again, in milliseconds. */
  again?: number | undefined
}

function describe(error: FastifyError | Error): Described {
  if (error instanceof ParleyError) {
    const { status, code, message } = error
    return { status, code, message, again: error.retryAfterMs ?? (status === 503 ? retryAfterMs : undefined) }
  }
  const status = 'statusCode' in error ? (error.statusCode ?? 500) : 500
  if (status === 413) return { status, code: 'REQUEST_TOO_LARGE', message: error.message }
  if (status >= 400 && status < 500) return { status, code: 'REQUEST_INVALID', message: error.message }
  return { status: 500, code: 'INTERNAL', message: 'The server could not do that; its log has the details.' }
}
