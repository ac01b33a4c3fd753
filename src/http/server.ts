import cookie from '@fastify/cookie'
import websocket from '@fastify/websocket'
import { type FastifyInstance, fastify } from 'fastify'
import { newId } from '../model/ids.ts'
import type { Events } from '../ops/events.ts'
import { maxFrameBytes } from './contract/socket.ts'
import { answerError } from './error-handler.ts'
import { closeSockets, lingerForProxies } from './leaving.ts'
import { securityHeaders } from './security-headers.ts'

export interface ServerNeeds {
  events: Events
  /** Signs cookies. */
  secretKey: string
  /** The largest request body, in bytes. */
  bodyLimit: number
  /** Sockets open at once, at most. */
  sockets: number
  trustProxy: boolean
  /** How many proxies stand in front, when they are trusted. */
  proxies: number
}

/** How long a client may take to send its headers and body, in milliseconds. */
const requestTimeoutMs = 30_000

/**
 * Who connects and says nothing gives the place back: headers come within ten seconds, looked at every five
 * (https://nodejs.org/docs/latest-v24.x/api/http.html#serverheaderstimeout). Connections kept open between requests, and
 * sockets, are not meant.
 */
const silence = { headersTimeout: 10_000, connectionsCheckingInterval: 5000 }

/** Connections for everything but sockets; those too many are closed at once (net, `server.maxConnections`). */
const otherConnections = 1000

/** The HTTP server with what every route shares; the routes are registered by the caller. */
export async function createServer(needs: ServerNeeds): Promise<FastifyInstance> {
  const app = fastify({
    logger: false,
    bodyLimit: needs.bodyLimit,
    // Of X-Forwarded-For only what our own proxies wrote, from its end: whoever asks can write the rest.
    trustProxy: needs.trustProxy && ((_, hop) => hop < needs.proxies),
    genReqId: newId,
    requestTimeout: requestTimeoutMs,
    http: silence,
    forceCloseConnections: 'idle',
    // What still comes on connections there are is answered, and the connection closed with the answer.
    return503OnClosing: false,
    routerOptions: { maxParamLength: 200 },
  })
  app.server.maxConnections = needs.sockets + otherConnections
  if (needs.trustProxy) lingerForProxies(app.server)
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
  app.addHook('onRequest', (_, reply, next) => {
    reply.headers(securityHeaders)
    next()
  })
  await app.register(cookie, { secret: needs.secretKey })
  await app.register(websocket, { options: { maxPayload: maxFrameBytes }, preClose: closeSockets })
  return app
}
