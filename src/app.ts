import type { FastifyInstance } from 'fastify'
import { createLiveAnswers, type LiveAnswers } from './app/answers.ts'
import { type CallResult, callOnce } from './app/call.ts'
import { createChannels } from './app/channels.ts'
import { createFace } from './app/face.ts'
import { listen } from './app/listen.ts'
import { createLiveModels, type LiveModels } from './app/models.ts'
import { buildServer } from './app/server.ts'
import type { Channel } from './channels/channel.ts'
import type { BotConfig, Config } from './config/config.ts'
import type { Coordination } from './coordination/coordination.ts'
import { createMemoryCoordination } from './coordination/memory/coordination.ts'
import type { Contact, Role } from './model/contact.ts'
import { newId } from './model/ids.ts'
import type { Language } from './model/language.ts'
import { type Clock, systemClock } from './model/time.ts'
import { createEvents, type Events } from './ops/events.ts'
import { createFaults } from './ops/faults.ts'
import type { Log } from './ops/log.ts'
import { createMetrics } from './ops/metrics.ts'
import { readVersion } from './ops/version.ts'
import { createPipeline, type Pipeline } from './pipeline/pipeline.ts'
import { migrate, openStore } from './store/open.ts'
import type { Store } from './store/store.ts'

export interface AppNeeds {
  log: Log
  clock?: Clock
}

/** A wired application: it answers `call` at once, and people after `start`. */
export interface App {
  /** Where it listens, known after `start`. */
  readonly address: string
  readonly events: Events
  /** Listens and begins to receive. */
  start(): Promise<void>
  /** Runs one turn without a channel; `onPreview` gets the answer so far, whole. */
  call(text: string, onPreview: (text: string) => void, language?: Language): Promise<CallResult>
  /** Takes over what can change while running. */
  reload(config: Config, sections: readonly string[]): void
  /** Accepts nothing more, finishes what it works on (up to half a minute), and lets go of everything. */
  stop(): Promise<void>
}

/** The parts that live and die with the application. */
interface Parts {
  config: Config
  /** Of this moment: it may have been reloaded. */
  bot: BotConfig
  events: Events
  store: Store
  coordination: Coordination
  models: LiveModels
  answers: LiveAnswers
  channels: ReadonlyMap<string, Channel>
  pipeline: Pipeline
  server: FastifyInstance
  open: boolean
  address: string
}

/** How long turns in progress may take after a stop, in milliseconds; then they are left for the next start. */
const drainMs = 20_000
/** How long requests in progress may take after a stop, in milliseconds; what was not stored by then is refused. */
const hangUpMs = 3000

/** The composition root. Throws a `ParleyError` when the database cannot be used. */
export async function createApp(config: Config, { log, clock = systemClock }: AppNeeds): Promise<App> {
  const parts = await wire(config, log, clock)
  const { events, pipeline, coordination, store } = parts
  return {
    get address() {
      return parts.address
    },
    events,
    start: () => start(parts),
    call: (text, onPreview, language) =>
      callOnce(
        { accept: pipeline.accept, bus: coordination.bus, read: store.read },
        text,
        onPreview,
        language,
      ),
    reload(next, sections) {
      // What waits for a restart stays as it runs: notes go where the channel of this process can send them.
      const takeAnswers = parts.answers.prepare({ ...next, telegram: config.telegram })
      const takeModels = sections.includes('models') ? parts.models.prepare(next.models) : undefined
      takeAnswers()
      takeModels?.()
      parts.bot = next.bot
      events.configurationReloaded({ sections: [...sections] })
    },
    stop: () => stop(parts),
  }
}

async function wire(config: Config, log: Log, clock: Clock): Promise<Parts> {
  const metrics = createMetrics()
  const events = createEvents({ log, metrics, clock })
  const version = readVersion()
  metrics.info.set({ version: version.version, commit: version.commit }, 1)
  const store = await openReadyStore(config, events, log)
  const coordination = createMemoryCoordination()
  const models = createLiveModels(config.models, events)
  const answers = createLiveAnswers(config, {
    llm: models.current,
    read: store.read,
    version,
    events,
    clock,
    log,
  })
  const holder = newId()
  const { all: channels, open, telegram } = createChannels(config, { store, events, log, clock, holder })
  const shared = { store, channels, events, clock }
  const pipeline = createPipeline({
    ...config.pipeline,
    ...config.delivery,
    ...coordination,
    ...shared,
    answers,
    faults: createFaults(config.pipeline.fault),
    holder,
    languages: () => parts.bot.languages,
    roleOf: (contact) => roleOf(contact, parts.bot),
  })
  const server = await buildServer({
    ...shared,
    channels: open,
    config,
    coordination,
    telegramWebhook: telegram?.webhook,
    accept: pipeline.accept,
    metrics,
    version,
    face: createFace(() => parts.bot),
    modelName: models.name,
    isOpen: () => parts.open,
  })
  const kept = { config, bot: config.bot, coordination, models, answers, pipeline, server }
  const parts: Parts = { ...kept, ...shared, open: false, address: '' }
  return parts
}

async function openReadyStore({ database }: Config, events: Events, log: Log): Promise<Store> {
  const store = await openStore(database, {
    onConnectionError: (err) => events.faulted({ area: 'database', err }),
    onTransaction: (ms) => events.databaseAsked('transaction', ms),
  })
  const applied = await migrate(database, store)
  if (applied.length > 0) log.info({ migrations: applied }, 'schema brought up to date')
  return store
}

async function start(parts: Parts): Promise<void> {
  const { config, pipeline, server, channels } = parts
  parts.address = await listen(server, config.server)
  pipeline.start()
  const accept = async (incoming: Parameters<Pipeline['accept']>[0]): Promise<void> =>
    void (await pipeline.accept(incoming))
  for (const channel of channels.values()) await channel.start?.(accept)
  parts.open = true
}

async function stop(parts: Parts): Promise<void> {
  const { channels, server, pipeline, coordination, models, store } = parts
  parts.open = false
  pipeline.drain()
  const impatient = setTimeout(() => hangUp(server), hangUpMs)
  const overdue = setTimeout(pipeline.abort, drainMs)
  await Promise.all([...channels.values()].map(async (channel) => channel.stop?.()))
  await Promise.all([server.close(), coordination.close()])
  await pipeline.stop()
  clearTimeout(impatient)
  clearTimeout(overdue)
  await models.close()
  await store.close()
}

/** Ends requests that never end and sockets that do not answer the close. */
function hangUp({ server, websocketServer }: FastifyInstance): void {
  server.closeAllConnections()
  for (const socket of websocketServer.clients) socket.terminate()
}

const roleOf = (contact: Contact, { admins }: BotConfig): Role =>
  admins.includes(`${contact.channel}:${contact.platformId}`) ? 'admin' : 'contact'
