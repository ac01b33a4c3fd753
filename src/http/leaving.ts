import type { Server } from 'node:http'
import type { FastifyInstance } from 'fastify'

/** "Service Restart", of the registry that RFC 6455 §7.4.1 keeps: the page comes back at once, and to another process. */
const serviceRestart = 1012
/** A proxy notices within this time that it is no longer to send on a connection, in milliseconds. */
const graceMs = 1000

/** Sockets are told to come back; those that ask for one meanwhile get 503, so that a proxy asks another process. */
export async function closeSockets(this: FastifyInstance): Promise<void> {
  const { websocketServer } = this
  for (const socket of websocketServer.clients) socket.close(serviceRestart, 'restarting')
  websocketServer.close()
}

/**
 * A proxy keeps connections and sends on them without looking: a request that crosses with our end of the connection is lost to
 * it, and one that posts is not repeated. So a server that goes takes no new connections, but answers for a moment on those
 * there are, each answer with `Connection: close`, before it ends what is idle.
 */
export function lingerForProxies(server: Server): void {
  const closeIdle = server.closeIdleConnections.bind(server)
  server.closeIdleConnections = () => void setTimeout(closeIdle, graceMs)
}
