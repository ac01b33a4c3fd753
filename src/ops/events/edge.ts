import type { Log } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import type { EventParts } from './outage.ts'

/** Where the application meets the world: HTTP, platforms, the database, the operator. */
export interface EdgeEvents {
  /** `endpoint` is the route's pattern, `unmatched` where there is none. */
  requestAnswered(event: {
    method: string
    endpoint: string
    status: number
    ms: number
    requestId: string
  }): void
  /** A page may not open a socket. Each of the first origins is logged once, for the operator who forgot to list it. */
  originRefused(event: { origin: string; host: string; reason: string }): void
  socketOpened(): void
  socketClosed(): void
  rateLimited(event: { userType: 'anonymous' | 'contact' | 'staff' }): void
  webhookRefused(event: { channel: string; reason: 'secret' | 'size' | 'malformed' | 'unavailable' }): void
  /** Updates that were not for the bot, or of a kind it does not read: confirmed and forgotten. */
  updatesIgnored(event: { channel: string; count: number }): void
  /** Somebody else polls with our token, or a webhook is registered (HTTP 409). */
  channelConflict(event: { channel: string; account: string }): void
  channelChanged(event: { channel: string; state: 'up' | 'starting' | 'down'; detail: string }): void
  /** Metrics only. `operation` is a name from code. */
  databaseAsked(operation: string, ms: number): void
  configurationReloaded(event: { sections: string[] }): void
  configurationRefused(event: { problems: string[] }): void
  /** A fault nobody expected; the process goes on. Counted each time, logged rarely while the database is away. */
  faulted(event: { area: string; err: unknown; conversationId?: string; requestId?: string }): void
}

const originsLogged = 20

export function createEdgeEvents({ log, metrics, outage }: EventParts): EdgeEvents {
  const refused = new Set<string>()
  return {
    ...createReloadEvents({ log, metrics }),
    requestAnswered(event) {
      const { method, endpoint, status, ms } = event
      metrics.httpRequests.inc({ method, endpoint, status })
      metrics.httpSeconds.observe({ method, endpoint }, ms / 1000)
      log.debug(event, 'request answered')
    },
    originRefused(event) {
      if (refused.has(event.origin) || refused.size >= originsLogged) return
      refused.add(event.origin)
      log.warn(event, 'a page was refused its socket')
    },
    socketOpened: () => metrics.sockets.inc(),
    socketClosed: () => metrics.sockets.dec(),
    rateLimited(event) {
      metrics.rateLimited.inc({ user_type: event.userType })
      log.debug(event, 'refused for coming too fast')
    },
    webhookRefused(event) {
      metrics.webhookRefused.inc(event)
      log.debug(event, 'webhook call refused')
    },
    updatesIgnored({ channel, count }) {
      metrics.updatesIgnored.inc({ channel }, count)
      log.debug({ channel, count }, 'updates ignored')
    },
    channelConflict(event) {
      metrics.telegramConflicts.inc()
      log.warn(event, 'another process receives the updates of this bot')
    },
    channelChanged(event) {
      metrics.channelUp.set({ channel: event.channel }, event.state === 'up' ? 1 : 0)
      if (event.state === 'down') log.warn(event, 'channel down')
      else log.info(event, `channel ${event.state}`)
    },
    databaseAsked: (operation, ms) => metrics.querySeconds.observe({ operation }, ms / 1000),
    faulted(event) {
      metrics.errors.inc({ area: event.area })
      outage.fault(event.area, event, 'unexpected fault')
    },
  }
}

type ReloadEvents = Pick<EdgeEvents, 'configurationReloaded' | 'configurationRefused'>

function createReloadEvents({ log, metrics }: { log: Log; metrics: Metrics }): ReloadEvents {
  return {
    configurationReloaded(event) {
      metrics.configurationReloads.inc({ result: 'applied' })
      log.info(event, 'configuration reloaded')
    },
    configurationRefused(event) {
      metrics.configurationReloads.inc({ result: 'refused' })
      log.error(event, 'configuration has problems, the old one stays')
    },
  }
}
