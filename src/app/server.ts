import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import type { Channel } from '../channels/channel.ts'
import { chatIdOf, sessionOf, toIncoming } from '../channels/web/translate.ts'
import type { TelegramWebhook } from '../channels/telegram/telegram.ts'
import { isLoopback } from '../config/checks.ts'
import type { Config, LimitsConfig } from '../config/config.ts'
import type { Coordination } from '../coordination/coordination.ts'
import { registerMetrics } from '../http/api/metrics.ts'
import { registerProbes } from '../http/api/probes.ts'
import { registerStatus } from '../http/api/status.ts'
import { registerVersion } from '../http/api/version.ts'
import type { StatusReport, VersionReport } from '../http/contract/socket.ts'
import { createAddressLimit, registerAddressLimit } from '../http/address-limit.ts'
import { assetPaths, registerPages } from '../http/pages.ts'
import { createServer } from '../http/server.ts'
import { createSharedCheck } from '../http/shared-check.ts'
import { registerTelegramWebhook, telegramWebhookPath } from '../http/webhooks/telegram.ts'
import { createSocketRoom } from '../http/sockets/room.ts'
import { registerSocket } from '../http/sockets/socket.ts'
import type { Language } from '../model/language.ts'
import { microPerUsd } from '../model/money.ts'
import type { Clock } from '../model/time.ts'
import type { Events } from '../ops/events.ts'
import type { Metrics } from '../ops/metrics.ts'
import { createProbe, Down } from '../ops/probes.ts'
import { createScrape } from '../ops/scrape.ts'
import { freePartOfDisk, overdueMs } from '../ops/surroundings.ts'
import type { Version } from '../ops/version.ts'
import type { Admission } from '../pipeline/admission.ts'
import type { Inbox } from '../pipeline/inbox.ts'
import { provenAt, retentionDue, type Store } from '../store/store.ts'
import { marks } from './alerts/signs.ts'
import { type Assistant, type AssistantNeeds, createAssistant } from './assistant.ts'
import { dataFolder } from './data-folder.ts'
import type { Duties } from './duties.ts'
import type { Face } from './face.ts'
import type { LivePurse } from './purse.ts'

export interface ServerParts {
  config: Config
  duties: Duties
  store: Store
  coordination: Coordination
  channels: readonly Channel[]
  /** `undefined`: no Telegram, or it polls. */
  telegramWebhook: TelegramWebhook | undefined
  accept: Inbox
  admission: Admission
  events: Events
  metrics: Metrics
  clock: Clock
  version: Version
  face: Face
  models: AssistantNeeds['models']
  /** What models cost today. */
  spending: LivePurse['today']
  /** Of this moment. */
  limits(): Pick<LimitsConfig, 'perAddress' | 'socketsPerAddress'>
  /** `open`: the process takes work, started and not stopping; `misconfigured`: it runs on what the files said before. */
  state(): { open: boolean; misconfigured: boolean }
}

const pagesFolder = join(import.meta.dirname, '../../dist/web')

/** The HTTP server with the routes of this process. */
export async function buildServer(parts: ServerParts): Promise<FastifyInstance> {
  const { store, clock, events } = parts
  const app = await createServer({ ...parts.config.server, events })
  const checkDatabase = createSharedCheck(async () => {
    await store.check()
    events.databaseAnswered()
  }, clock)
  registerVersion(app, () => describeVersion(parts.version, clock))
  registerMetrics(app, createScrape(parts.metrics, gaugeSources(parts)))
  // Whoever looks at the landing page asks for it.
  const spending = createSharedCheck(parts.spending, clock)
  const assistant = createAssistant({ ...parts, spending, timezone: parts.config.timezone })
  registerProbes(app, probesOf(parts, checkDatabase, assistant))
  if (parts.duties.serves) await registerDoors(app, parts, checkDatabase, assistant)
  return app
}

/** Where people and platforms come in. */
async function registerDoors(
  app: FastifyInstance,
  parts: ServerParts,
  checkDatabase: Store['check'],
  assistant: Assistant,
): Promise<void> {
  const { config, store, coordination, events, clock, face, admission } = parts
  const limit = createAddressLimit({
    counters: coordination.counters,
    perMinute: () => parts.limits().perAddress,
    events,
    trustProxy: config.server.trustProxy,
  })
  registerAddressLimit(app, limit, { routes: unlimitedRoutes, paths: assetPaths(pagesFolder) })
  registerStatus(app, async (language) => {
    const [state, answering] = await Promise.all([databaseState(checkDatabase), assistant.report()])
    return {
      ...describeVersion(parts.version, clock),
      bot: face.bot(language),
      database: { kind: config.database.kind, state },
      channels: parts.channels.map(publicStatus),
      ...answering,
    }
  })
  registerSocket(app, {
    admit(request) {
      admission.check('web')
      return limit.count(request)
    },
    room: createSocketRoom({
      most: config.server.sockets,
      mostOfAddress: () => parts.limits().socketsPerAddress,
      events,
    }),
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
      countRefused: limit.count,
      check: () => admission.check('telegram'),
      events,
      bodyLimit: config.server.bodyLimit,
    })
  }
  await registerPages(app, pagesFolder)
}

/** What watches over us, and the webhooks, which ask for a secret. */
const unlimitedRoutes: ReadonlySet<string> = new Set([
  '/livez',
  '/readyz',
  '/health',
  '/metrics',
  telegramWebhookPath,
])

/** Behind a proxy, or on a network, a server does not know its names. */
const ownHosts = ({ host, trustProxy }: Config['server']): ((hostname: string) => boolean) =>
  isLoopback(host) && !trustProxy ? isLoopback : () => true

/** Details of a fault name hosts; the page is public, the log has them. */
function publicStatus(channel: Channel): StatusReport['channels'][number] {
  const { state, detail, fault } = channel.status()
  return { name: channel.name, state, detail: state === 'up' ? detail : '', ...(fault && { fault }) }
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

function gaugeSources({ config, store, coordination, channels, spending, clock }: ServerParts) {
  return {
    backlog: async () => ({
      ...(await store.read.messages.backlog()),
      oldest: await store.read.messages.waitingSince(clock.now()),
    }),
    spending: async () => {
      const { spentMicroUsd, limitMicroUsd } = await spending()
      return { spent: spentMicroUsd / microPerUsd, limit: limitMicroUsd / microPerUsd }
    },
    backup: () => provenAt(store.read.leases, clock.now()),
    poolUsage: () => store.poolUsage(),
    channels: () => channels.map((channel) => ({ name: channel.name, up: channel.status().state === 'up' })),
    dependencies: {
      database: () => store.check(),
      ...(config.redis && { redis: () => coordination.check() }),
    },
    retentionDue: () => retentionDue(store),
    diskFree: () => freePartOfDisk(dataFolder(config)),
    now: () => clock.now(),
  }
}

function probesOf(parts: ServerParts, checkDatabase: Store['check'], assistant: Assistant) {
  const { config, duties, coordination, channels, admission, clock } = parts
  const database = { name: 'database', critical: true, check: () => checkDatabase().then(() => undefined) }
  const ofChannels = channels.map((channel) => ({
    name: channel.name,
    critical: false,
    check: async () => {
      const { state, detail, fault } = channel.status()
      if (fault) throw new Down(detail)
      if (state === 'down') throw new Error(detail)
      return detail
    },
  }))
  const process = {
    name: 'process',
    critical: true,
    check: async () => {
      if (!parts.state().open) throw new Error('starting or stopping')
      return undefined
    },
  }
  const redis = {
    name: 'redis',
    critical: false,
    check: () =>
      coordination.check().then(
        () => undefined,
        () => {
          throw new Down('it cannot be reached')
        },
      ),
  }
  const capacity = {
    name: 'capacity',
    critical: false,
    check: async () => {
      if (admission.isShedding()) throw new Down('messages are refused until fewer wait')
      return undefined
    },
  }
  const ofAdmission = duties.serves || duties.fetches ? [capacity] : []
  const ofModels = duties.works ? [{ name: 'assistant', critical: false, check: assistant.check }] : []
  const own = [database, configurationCheck(parts)]
  const checks = [...own, ...(config.redis ? [redis] : []), ...ofChannels, ...ofAdmission, ...ofModels]
  const ofOthers = duties.works ? [] : [backlogCheck(parts)]
  return {
    health: createProbe([...checks, ...ofOthers], clock),
    ready: createProbe([process, ...checks], clock),
  }
}

/** Of a process that leaves the work to others: whether they do it. It takes messages all the same. */
function backlogCheck({ store, clock }: Pick<ServerParts, 'store' | 'clock'>) {
  const check = createSharedCheck(async (): Promise<undefined> => {
    // Whether there is a database is not for this check to tell.
    const oldest = await store.read.messages.waitingSince(clock.now()).catch(() => undefined)
    if (overdueMs(oldest, clock.now()) > marks.backlogMs) throw new Down(waitsLong)
  }, clock)
  return { name: 'backlog', critical: false, check }
}

const waitsLong =
  'a message or a reply has waited for over a minute: where no worker runs, start one with --role worker; else docs/runbooks/backlog-old.md says why'

/** What a restart would meet. */
function configurationCheck({ state }: Pick<ServerParts, 'state'>) {
  return {
    name: 'configuration',
    critical: false,
    check: async () => {
      if (state().misconfigured)
        throw new Down('the files have problems, the settings before them are in use; the log names them')
      return undefined
    },
  }
}
