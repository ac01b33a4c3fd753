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
  /** A request or frame was refused: its address, or its socket, sends too many. */
  rateLimited(event: { userType: 'anonymous' | 'contact' | 'staff' }): void
  /** A message was refused before anything of it was stored. */
  messageRefused(event: { channel: string; reason: RefusalReason | 'chat' }): void
  /** The first message refused for want of room. */
  overloaded(event: { reason: RefusalReason; received: number; queued: number; delayMs: number }): void
  /** None was for a while. */
  relieved(event: { seconds: number; refused: number }): void
  /** A socket was refused, because there are as many as there may be: of this process, or of its address. */
  socketRefused(event: { reason: 'process' | 'address' }): void
  /** Too much came through a proxy that is not trusted, and so from one address; logged once. */
  proxyUntrusted(): void
  webhookRefused(event: { channel: string; reason: WebhookRefusal }): void
  /** Updates that were not for the bot, or of a kind it does not read: confirmed and forgotten. */
  updatesIgnored(event: { channel: string; count: number }): void
  /** Somebody else polls with our token, or a webhook is registered (HTTP 409). */
  channelConflict(event: { channel: string; account: string }): void
  channelChanged(event: { channel: string; state: 'up' | 'starting' | 'down'; detail: string }): void
  /** A check found the database well: a process that does nothing else notices the end of an outage by it. */
  databaseAnswered(): void
  /** Metrics only. `operation` is a name from code. */
  databaseAsked(operation: string, ms: number): void
  /** Metrics only. */
  redisAsked(event: { operation: RedisOperation; status: 'ok' | 'failed' | 'dropped' }): void
  /** A connection to Redis stands, or broke. */
  redisChanged(event: { connection: string; up: boolean; reason: string }): void
  configurationReloaded(event: { sections: string[] }): void
  configurationRefused(event: { problems: string[] }): void
  /** The files are in order again. */
  configurationMended(): void
  /** A fault nobody expected; the process goes on. Counted each time, logged rarely while the database is away. */
  faulted(event: { area: string; err: unknown; conversationId?: string; requestId?: string }): void
}

/** Why no message is taken: too much waits already, or this process comes too late to its work. */
export type RefusalReason = 'backlog' | 'delay'

type WebhookRefusal = 'secret' | 'size' | 'malformed' | 'overloaded' | 'unavailable'

export type RedisOperation = 'ring' | 'take' | 'publish' | 'subscribe' | 'count'

const originsLogged = 20

export function createEdgeEvents({ log, metrics, outage }: EventParts): EdgeEvents {
  const refused = new Set<string>()
  let proxySeen = false
  return {
    ...createReloadEvents({ log, metrics }),
    ...createRedisEvents({ log, metrics }),
    ...createOverloadEvents({ log, metrics }),
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
    proxyUntrusted() {
      if (proxySeen) return
      proxySeen = true
      log.warn(
        {},
        'requests come through a proxy and count as of one address, its own: behind a proxy set TRUST_PROXY',
      )
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
    databaseAnswered: outage.worked,
    databaseAsked: (operation, ms) => metrics.querySeconds.observe({ operation }, ms / 1000),
    faulted(event) {
      metrics.errors.inc({ area: event.area })
      outage.fault(event.area, event, 'unexpected fault')
    },
  }
}

type OverloadEvents = Pick<EdgeEvents, 'messageRefused' | 'overloaded' | 'relieved' | 'socketRefused'>

function createOverloadEvents({ log, metrics }: { log: Log; metrics: Metrics }): OverloadEvents {
  return {
    messageRefused(event) {
      metrics.messagesRefused.inc(event)
      log.debug(event, 'message refused')
    },
    overloaded(event) {
      log.warn(event, 'at capacity: messages are refused until fewer wait; nothing of them is stored')
    },
    relieved: (event) => log.info(event, 'messages are taken again'),
    socketRefused(event) {
      metrics.socketsRefused.inc(event)
      log.debug(event, 'socket refused')
    },
  }
}

type ReloadEvents = Pick<EdgeEvents, 'configurationReloaded' | 'configurationRefused' | 'configurationMended'>

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
    configurationMended: () => log.info({}, 'configuration has no problems any more'),
  }
}

type RedisEvents = Pick<EdgeEvents, 'redisAsked' | 'redisChanged'>

function createRedisEvents({ log, metrics }: { log: Log; metrics: Metrics }): RedisEvents {
  type Counted = ReturnType<typeof metrics.redisOperations.labels>
  // Every message passes here several times: labels are looked up once.
  const counted = new Map<string, Counted>()
  return {
    redisAsked({ operation, status }) {
      const key = `${operation} ${status}`
      const counter = counted.get(key) ?? metrics.redisOperations.labels(operation, status)
      counted.set(key, counter)
      counter.inc()
    },
    redisChanged({ connection, up, reason }) {
      if (up) log.info({ connection }, 'connected to Redis')
      else log.warn({ connection, reason }, 'Redis is away; the sweep finds the work')
    },
  }
}
