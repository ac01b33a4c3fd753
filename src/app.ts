import type { FastifyInstance } from 'fastify'
import { openAdmission } from './app/admission.ts'
import { createAlerts } from './app/alerts/alerts.ts'
import { createLiveAnswers, type LiveAnswers } from './app/answers.ts'
import { createBudget } from './app/budget.ts'
import { type CallOptions, type CallResult, callOnce } from './app/call.ts'
import { createCalls } from './app/calls.ts'
import { createChannels } from './app/channels.ts'
import { openCoordination } from './app/coordination.ts'
import { type Duties, dutiesOf } from './app/duties.ts'
import { openEvents, type OpenEvents } from './app/events.ts'
import { createFaqReader, type FaqReader } from './app/faq-file.ts'
import { createFace } from './app/face.ts'
import { createJobs, type Jobs } from './app/jobs.ts'
import { listen } from './app/listen.ts'
import { createLiveModels, type LiveModels } from './app/models.ts'
import type { LivePurse } from './app/purse.ts'
import { buildServer } from './app/server.ts'
import { createStaff } from './app/staff.ts'
import type { Channel, ChannelStatus } from './channels/channel.ts'
import type { TelegramChannel } from './channels/telegram/telegram.ts'
import type { AlertsConfig, BotConfig, Config, LimitsConfig } from './config/config.ts'
import type { Coordination } from './coordination/coordination.ts'
import type { AlertJob } from './jobs/alerts.ts'
import type { BackupNeeds } from './jobs/backup.ts'
import { newId } from './model/ids.ts'
import { createMoments } from './model/moment.ts'
import { type Clock, systemClock } from './model/time.ts'
import type { Events } from './ops/events.ts'
import { createFaults } from './ops/faults.ts'
import type { Log } from './ops/log.ts'
import { createMetrics, type Metrics } from './ops/metrics.ts'
import { readVersion, type Version } from './ops/version.ts'
import type { Admission } from './pipeline/admission.ts'
import { createIntake, createPipeline, type Pipeline } from './pipeline/pipeline.ts'
import { migrate, openStore } from './store/open.ts'
import type { Store } from './store/store.ts'

export interface AppNeeds {
  log: Log
  clock?: Clock
  /** Who checked the FAQ file already, where it was checked. */
  faq?: FaqReader
  /** Takes the backup of the day, where the configuration wants one: work for a process of its own. */
  takeBackup?: BackupNeeds['take']
}

/** A wired application: it answers `call` at once, and people after `start`. */
export interface App {
  /** Where it listens, known after `start`. */
  readonly address: string
  readonly events: Events
  /** Whether other processes can be reached, as far as there may be any. */
  reachesOthers(): Promise<boolean>
  /** How the channels of this process are, by name. */
  channels(): ReadonlyMap<string, ChannelStatus>
  /** Listens and begins to receive. */
  start(): Promise<void>
  /** Runs one turn without a channel; `onPreview` gets the answer so far, whole. */
  call(text: string, onPreview: (text: string) => void, options?: CallOptions): Promise<CallResult>
  /** Takes over what can change while running. */
  reload(config: Config, sections: readonly string[]): void
  /** The files have problems, and what runs stays; none: they are in order again. */
  refuse(problems: string[]): void
  /** Accepts nothing more, finishes what it works on (up to half a minute), and lets go of everything. */
  stop(): Promise<void>
}

/** The parts that live and die with the application. */
interface Parts {
  config: Config
  duties: Duties
  /** Of this moment: it may have been reloaded. */
  bot: BotConfig
  limits: LimitsConfig
  alerts: AlertsConfig
  events: Events
  traces: OpenEvents['traces']
  store: Store
  coordination: Coordination
  purse: LivePurse
  jobs: Jobs
  alertJob: AlertJob
  models: LiveModels
  /** Of a process that answers. */
  answers: LiveAnswers | undefined
  channels: ReadonlyMap<string, Channel>
  telegram: TelegramChannel | undefined
  admission: Admission
  pipeline: Pipeline
  server: FastifyInstance
  open: boolean
  /** The files on the disk have problems since the start. */
  misconfigured: boolean
  address: string
}

/** How long turns in progress may take after a stop, in milliseconds; then they are left for the next start. */
const drainMs = 20_000
/** How long requests in progress may take after a stop, in milliseconds; what was not stored by then is refused. */
const hangUpMs = 3000

/** The composition root. Throws a `ParleyError` when the database cannot be used. */
export async function createApp(config: Config, needs: AppNeeds): Promise<App> {
  const parts = await wire(config, needs)
  const { events, pipeline, coordination, store } = parts
  return {
    get address() {
      return parts.address
    },
    events,
    reachesOthers: () =>
      coordination.check().then(
        () => true,
        () => false,
      ),
    channels: () => new Map([...parts.channels].map(([name, channel]) => [name, channel.status()])),
    start: () => start(parts),
    call: (text, onPreview, options = {}) =>
      callOnce(
        { accept: pipeline.accept, bus: coordination.bus, read: store.read },
        text,
        onPreview,
        options,
      ),
    reload(next, sections) {
      // What waits for a restart stays as it runs: notes go where the channel of this process can send them.
      const { telegram, timezone } = config
      const takeAnswers = parts.answers?.prepare({ ...next, telegram, timezone })
      const takeModels = sections.includes('models') ? parts.models.prepare(next.models) : undefined
      takeAnswers?.()
      takeModels?.()
      parts.bot = next.bot
      parts.limits = next.limits
      parts.alerts = next.alerts
      if (sections.includes('retention')) parts.jobs.changeRetention(next.retention)
      if (sections.includes('bot')) parts.telegram?.syncMenus()
      events.configurationReloaded({ sections: [...sections] })
    },
    refuse(problems) {
      parts.misconfigured = problems.length > 0
      if (parts.misconfigured) events.configurationRefused({ problems })
      else events.configurationMended()
    },
    stop: () => stop(parts),
  }
}

const begun = { open: false, misconfigured: false, address: '' }

async function wire(config: Config, needs: AppNeeds): Promise<Parts> {
  const { log, clock = systemClock, faq = createFaqReader() } = needs
  const version = readVersion()
  const metrics = metricsOf(config, version)
  const holder = `${config.role}-${newId()}`
  const process = { version: version.version, instance: holder, log, metrics, clock }
  const { events, traces } = await openEvents(config, process)
  const { store, coordination } = await openShared(config, events, log)
  const duties = dutiesOf[config.role]
  const purse = createBudget(config, { store, events, clock, holder, bot: () => parts.bot })
  const jobs = createJobs(config, needs.takeBackup, { store, events, clock, holder })
  const models = createLiveModels(config.models, { events, purse, clock })
  const moments = createMoments(config.timezone)
  const staff = createStaff(() => parts.bot)
  const told = { events, clock, log }
  const calls = { store, limits: () => parts.limits.calls, ...staff, moments, ...told }
  const about = { llm: models.current, read: store.read, spending: purse.today, faq, version, ...told }
  const takeCall = createCalls(calls)
  const answers = duties.works ? createLiveAnswers(config, { ...about, takeCall }) : undefined
  const channelParts = { store, ...coordination, ...told, duties, holder, bot: () => parts.bot }
  const { all: channels, open, telegram } = createChannels(config, channelParts)
  const shared = { store, channels, events, clock }
  const admission = openAdmission(config.pipeline, shared)
  const intake = {
    ...coordination,
    ...shared,
    admission,
    ...staff,
    faults: createFaults(config.pipeline.fault),
    limits: () => parts.limits.messages,
    moments,
  }
  const turns = { ...config.pipeline, ...config.delivery, settle: purse.settleWithin, holder }
  const pipeline = answers
    ? createPipeline({ ...turns, ...intake, answers, languages: () => parts.bot.languages })
    : createIntake(intake)
  const server = await buildServer({
    ...shared,
    duties,
    channels: open,
    config,
    coordination,
    telegramWebhook: telegram?.webhook,
    accept: pipeline.accept,
    admission,
    metrics,
    version,
    face: createFace(() => parts.bot),
    models,
    spending: purse.today,
    limits: () => parts.limits,
    state: () => parts,
  })
  const seen = { config, duties, coordination, models, admission, metrics, channels: open }
  const alertJob = createAlerts({ ...shared, ...seen, holder, current: () => parts })
  const { bot, limits, alerts } = config
  const own = { config, duties, bot, limits, alerts, traces, coordination, purse, jobs, alertJob, models }
  const parts: Parts = { ...own, ...shared, telegram, pipeline, server, answers, admission, ...begun }
  return parts
}

function metricsOf({ role }: Config, { version, commit }: Version): Metrics {
  const metrics = createMetrics()
  metrics.info.set({ version, commit, role }, 1)
  return metrics
}

/** What processes have in common. */
async function openShared(
  config: Config,
  events: Events,
  log: Log,
): Promise<{ store: Store; coordination: Coordination }> {
  const store = await openReadyStore(config, events, log)
  try {
    return { store, coordination: await openCoordination(config.redis, events) }
  } catch (error) {
    await store.close()
    throw error
  }
}

async function openReadyStore({ database }: Config, events: Events, log: Log): Promise<Store> {
  const store = await openStore(database, {
    onConnectionError: (err) => events.faulted({ area: 'database', err }),
    onTransaction: (ms) => events.databaseAsked('transaction', ms),
  })
  const applied = await migrate(database, store)
  if (applied.length > 0) log.info({ migrations: applied }, 'schema brought up to date')
  const ahead = await store.schemaAhead()
  if (ahead.length > 0)
    log.warn({ migrations: ahead }, 'a newer version migrated the schema; this one goes on working on it')
  return store
}

async function start(parts: Parts): Promise<void> {
  const { config, duties, pipeline, purse, jobs, alertJob, server, channels } = parts
  parts.address = await listen(server, config.server)
  pipeline.start()
  if (duties.works) purse.start()
  if (duties.works) jobs.start()
  alertJob.start()
  const accept = async (incoming: Parameters<Pipeline['accept']>[0]): Promise<void> =>
    void (await pipeline.accept(incoming, { inLine: true }))
  for (const channel of channels.values()) await channel.start?.(accept)
  parts.open = true
}

async function stop(parts: Parts): Promise<void> {
  const { channels, server, pipeline, coordination, models, purse, jobs, alertJob, store } = parts
  parts.open = false
  pipeline.drain()
  const impatient = setTimeout(() => hangUp(server), hangUpMs)
  const overdue = setTimeout(pipeline.abort, drainMs)
  await Promise.all([...channels.values()].map(async (channel) => channel.stop?.()))
  await Promise.all([server.close(), coordination.doorbell.close()])
  await pipeline.stop()
  await coordination.close()
  clearTimeout(impatient)
  clearTimeout(overdue)
  parts.admission.close()
  await Promise.all([models.close(), parts.traces.close()])
  await purse.stop()
  await jobs.stop()
  await alertJob.stop()
  await store.close()
}

/** Ends requests that never end and sockets that do not answer the close. */
function hangUp({ server, websocketServer }: FastifyInstance): void {
  server.closeAllConnections()
  for (const socket of websocketServer.clients) socket.terminate()
}
