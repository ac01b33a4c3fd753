import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import type { Channel } from '../channels/channel.ts'
import { chatIdOf, sessionOf, toIncoming } from '../channels/web/translate.ts'
import type { TelegramWebhook } from '../channels/telegram/telegram.ts'
import { isLoopback } from '../config/checks.ts'
import type { Config } from '../config/config.ts'
import type { Coordination } from '../coordination/coordination.ts'
import { registerMetrics } from '../http/api/metrics.ts'
import { registerProbes } from '../http/api/probes.ts'
import { registerStatus } from '../http/api/status.ts'
import { registerVersion } from '../http/api/version.ts'
import type { StatusReport, VersionReport } from '../http/contract/socket.ts'
import { registerPages } from '../http/pages.ts'
import { createServer } from '../http/server.ts'
import { createSharedCheck } from '../http/shared-check.ts'
import { registerTelegramWebhook } from '../http/webhooks/telegram.ts'
import { registerSocket } from '../http/sockets/socket.ts'
import type { Language } from '../model/language.ts'
import type { Clock } from '../model/time.ts'
import type { Events } from '../ops/events.ts'
import type { Metrics } from '../ops/metrics.ts'
import { createProbe } from '../ops/probes.ts'
import { createScrape } from '../ops/scrape.ts'
import type { Version } from '../ops/version.ts'
import type { Inbox } from '../pipeline/inbox.ts'
import type { Store } from '../store/store.ts'
import type { Face } from './face.ts'

export interface ServerParts {
  config: Config
  store: Store
  coordination: Coordination
  channels: readonly Channel[]
  /** `undefined`: no Telegram, or it polls. */
  telegramWebhook: TelegramWebhook | undefined
  accept: Inbox
  events: Events
  metrics: Metrics
  clock: Clock
  version: Version
  face: Face
  /** The model in use, or `null`. */
  modelName(): string | null
  /** Whether the process takes work: started and not stopping. */
  isOpen(): boolean
}

const pagesFolder = join(import.meta.dirname, '../../dist/web')

/** The HTTP server with every route. */
export async function buildServer(parts: ServerParts): Promise<FastifyInstance> {
  const { config, store, coordination, events, clock, face } = parts
  const app = await createServer({ ...config.server, events })
  const checkDatabase = createSharedCheck(() => store.check(), clock)
  const version = (): VersionReport => describeVersion(parts.version, clock)
  registerVersion(app, version)
  registerStatus(app, async (language) => ({
    ...version(),
    bot: face.bot(language),
    database: { kind: config.database.kind, state: await databaseState(checkDatabase) },
    channels: parts.channels.map(publicStatus),
    model: parts.modelName(),
  }))
  registerMetrics(app, createScrape(parts.metrics, gaugeSources(parts)))
  registerProbes(app, probesOf(parts, checkDatabase))
  registerSocket(app, {
    accept: parts.accept,
    read: store.read,
    bus: coordination.bus,
    events,
    clock,
    origins: config.web.origins,
    isOwnHost: ownHosts(config.server),
    web: { channel: 'web', account: 'web', chatIdOf, sessionOf, toIncoming },
    hello: (language) => helloOf(parts, language),
  })
  if (parts.telegramWebhook) {
    registerTelegramWebhook(app, {
      ...parts.telegramWebhook,
      accept: async (incoming) => void (await parts.accept(incoming)),
      events,
      bodyLimit: config.server.bodyLimit,
    })
  }
  await registerPages(app, pagesFolder)
  return app
}

/** Behind a proxy, or on a network, a server does not know its names. */
const ownHosts = ({ host, trustProxy }: Config['server']): ((hostname: string) => boolean) =>
  isLoopback(host) && !trustProxy ? isLoopback : () => true

/** Details of a fault name hosts; the page is public, the log has them. */
function publicStatus(channel: Channel): StatusReport['channels'][number] {
  const { state, detail } = channel.status()
  return { name: channel.name, state, detail: state === 'up' ? detail : '' }
}

function helloOf({ version, face }: ServerParts, language: Language | undefined) {
  return {
    type: 'hello' as const,
    version: version.version,
    bot: face.bot(language),
    greeting: face.greeting(language),
    language: face.language(language),
  }
}

function describeVersion(version: Version, clock: Clock): VersionReport {
  return {
    version: version.version,
    commit: version.commit,
    builtAt: version.builtAt === 'unknown' ? null : version.builtAt,
    startedAt: new Date(version.startedAt).toISOString(),
    uptimeSeconds: Math.round((clock.now() - version.startedAt) / 1000),
  }
}

async function databaseState(check: Store['check']): Promise<'up' | 'down'> {
  return check().then(
    () => 'up' as const,
    () => 'down' as const,
  )
}

function gaugeSources({ store, channels, clock }: ServerParts) {
  return {
    backlog: () => store.read.messages.backlog(),
    poolUsage: () => store.poolUsage(),
    channels: () => channels.map((channel) => ({ name: channel.name, up: channel.status().state === 'up' })),
    now: () => clock.now(),
  }
}

function probesOf({ channels, isOpen }: ServerParts, checkDatabase: Store['check']) {
  const database = { name: 'database', critical: true, check: () => checkDatabase().then(() => undefined) }
  const ofChannels = channels.map((channel) => ({
    name: channel.name,
    critical: false,
    check: async () => {
      const { state, detail } = channel.status()
      if (state === 'down') throw new Error(detail)
      return detail
    },
  }))
  const process = {
    name: 'process',
    critical: true,
    check: async () => {
      if (!isOpen()) throw new Error('starting or stopping')
      return undefined
    },
  }
  const checks = [database, ...ofChannels]
  return { health: createProbe(checks), ready: createProbe([process, ...checks]) }
}
