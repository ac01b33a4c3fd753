import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { type ErrorCode, ParleyError } from '../model/errors.ts'
import type { Events } from '../ops/events.ts'

const retryAfterSeconds = 1

/** The one place where errors become answers: a code of the catalogue, a sentence, the request's id. */
export function answerError(events: Events) {
  return (error: FastifyError | Error, request: FastifyRequest, reply: FastifyReply): void => {
    const { status, code, message } = describe(error)
    if (status >= 500 && code === 'INTERNAL')
      events.faulted({ area: 'http', err: error, requestId: request.id })
    if (status === 503) reply.header('retry-after', retryAfterSeconds)
    reply.status(status).send({ error: { code, message, requestId: request.id } })
  }
}

function describe(error: FastifyError | Error): { status: number; code: ErrorCode; message: string } {
  if (error instanceof ParleyError) return { status: error.status, code: error.code, message: error.message }
  const status = 'statusCode' in error ? (error.statusCode ?? 500) : 500
  if (status === 413) return { status, code: 'REQUEST_TOO_LARGE', message: error.message }
  if (status >= 400 && status < 500) return { status, code: 'REQUEST_INVALID', message: error.message }
  return { status: 500, code: 'INTERNAL', message: 'The server could not do that; its log has the details.' }
}
