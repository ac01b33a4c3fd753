import { callOnce, type CallResult, terminalChannel } from './app/call.ts'
import { createLiveAnswers } from './app/answers.ts'
import { createFace } from './app/face.ts'
import { createLiveModels } from './app/models.ts'
import { buildServer } from './app/server.ts'
import type { Channel } from './channels/channel.ts'
import { createWebChannel } from './channels/web/channel.ts'
import type { Config } from './config/config.ts'
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
import { createPipeline } from './pipeline/pipeline.ts'
import { migrate, openStore } from './store/open.ts'

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

/** How long turns in progress may take after a stop, in milliseconds; then they are left for the next start. */
const drainMs = 25_000

/** The composition root. Throws a `ParleyError` when the database cannot be used. */
export async function createApp(config: Config, { log, clock = systemClock }: AppNeeds): Promise<App> {
  const metrics = createMetrics()
  const events = createEvents({ log, metrics })
  const store = await openStore(config.database, {
    onConnectionError: (err) => events.faulted({ area: 'database', err }),
  })
  const applied = await migrate(config.database, store)
  if (applied.length > 0) log.info({ migrations: applied }, 'schema brought up to date')

  const version = readVersion()
  metrics.info.set({ version: version.version, commit: version.commit }, 1)
  const coordination = createMemoryCoordination()
  const models = createLiveModels(config.models, events)
  const answers = createLiveAnswers(config, { llm: models.current, read: store.read, version, clock, log })
  let bot = config.bot
  const channels = new Map<string, Channel>(
    [createWebChannel(config.web), terminalChannel].map((channel) => [channel.name, channel]),
  )
  const pipeline = createPipeline({
    ...config.pipeline,
    ...config.delivery,
    ...coordination,
    store,
    channels,
    answers,
    events,
    clock,
    faults: createFaults(config.pipeline.fault),
    holder: newId(),
    languages: bot.languages,
    roleOf: (contact) => roleOf(contact, bot.admins),
  })

  let open = false
  let address = ''
  const server = await buildServer({
    config,
    store,
    coordination,
    channels,
    accept: pipeline.accept,
    events,
    metrics,
    clock,
    version,
    face: createFace(() => bot),
    modelName: models.name,
    isOpen: () => open,
  })

  return {
    get address() {
      return address
    },
    events,
    async start() {
      pipeline.start()
      address = await server.listen({ host: config.server.host, port: config.server.port })
      for (const channel of channels.values()) await channel.start?.(async (incoming) => void (await pipeline.accept(incoming)))
      open = true
    },
    call: (text, onPreview, language) =>
      callOnce({ accept: pipeline.accept, bus: coordination.bus, read: store.read }, text, onPreview, language),
    reload(next, sections) {
      answers.reload(next)
      bot = next.bot
      if (sections.includes('models')) models.reload(next.models)
      events.configurationReloaded({ sections: [...sections] })
    },
    async stop() {
      open = false
      await Promise.all([...channels.values()].map((channel) => channel.stop?.()))
      await server.close()
      const overdue = setTimeout(pipeline.abort, drainMs)
      await coordination.close()
      await pipeline.stop()
      clearTimeout(overdue)
      await models.close()
      await store.close()
    },
  }
}

const roleOf = (contact: Contact, admins: readonly string[]): Role =>
  admins.includes(`${contact.channel}:${contact.platformId}`) ? 'admin' : 'contact'
