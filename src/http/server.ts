import cookie from '@fastify/cookie'
import helmet from '@fastify/helmet'
import websocket from '@fastify/websocket'
import { type FastifyInstance, fastify } from 'fastify'
import { newId } from '../model/ids.ts'
import type { Events } from '../ops/events.ts'
import { maxFrameBytes } from './contract/socket.ts'
import { answerError } from './error-handler.ts'

export interface ServerNeeds {
  events: Events
  /** Signs cookies. */
  secretKey: string
  /** The largest request body, in bytes. */
  bodyLimit: number
  trustProxy: boolean
}

/** How long a client may take to send its headers and body, in milliseconds. */
const requestTimeoutMs = 30_000

/** The HTTP server with what every route shares; the routes are registered by the caller. */
export async function createServer(needs: ServerNeeds): Promise<FastifyInstance> {
  const app = fastify({
    logger: false,
    bodyLimit: needs.bodyLimit,
    trustProxy: needs.trustProxy,
    genReqId: newId,
    requestTimeout: requestTimeoutMs,
    forceCloseConnections: 'idle',
    return503OnClosing: true,
    routerOptions: { maxParamLength: 200 },
  })
  app.setErrorHandler(answerError(needs.events))
  app.addHook('onResponse', async (request, reply) => {
    needs.events.requestAnswered({
      method: request.method,
      endpoint: request.routeOptions.url ?? 'unmatched',
      status: reply.statusCode,
      ms: reply.elapsedTime,
      requestId: request.id,
    })
  })
  await app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: contentPolicy },
    strictTransportSecurity: false,
  })
  await app.register(cookie, { secret: needs.secretKey })
  await app.register(websocket, { options: { maxPayload: maxFrameBytes } })
  return app
}

/** Pages load their own files and nothing else (https://www.w3.org/TR/CSP3/). */
const contentPolicy = {
  defaultSrc: ["'self'"],
  imgSrc: ["'self'", 'data:'],
  objectSrc: ["'none'"],
  baseUri: ["'none'"],
  formAction: ["'self'"],
  frameAncestors: ["'none'"],
}
