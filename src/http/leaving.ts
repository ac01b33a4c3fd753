import type { Server } from 'node:http'
import { setImmediate } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'

/** "Service Restart", of the registry that RFC 6455 §7.4.1 keeps: the page comes back at once, and to another process. */
const serviceRestart = 1012
/** A proxy notices within this time that it is no longer to send on a connection, in milliseconds. */
const graceMs = 1000
/** A turn of the loop in which nothing happened, in milliseconds, and how many to wait for one. */
const quietMs = 0.2
const mostTurns = 100

/** Sockets are told to come back; those that ask for one meanwhile get 503, so that a proxy asks another process. */
export async function closeSockets(this: FastifyInstance): Promise<void> {
  const { websocketServer } = this
  for (const socket of websocketServer.clients) socket.close(serviceRestart, 'restarting')
  websocketServer.close()
  await quietMoment()
}

/**
 * The listener closes next, and connections that the system took and we have not are reset with it. When the loop comes round
 * with nothing to do there are none.
 */
async function quietMoment(): Promise<void> {
  for (let turns = 0; turns < mostTurns; turns += 1) {
    const began = performance.now()
    await setImmediate()
    if (performance.now() - began < quietMs) return
  }
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
