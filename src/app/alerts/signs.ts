import type { Channel } from '../../channels/channel.ts'
import type { Config } from '../../config/config.ts'
import type { Coordination } from '../../coordination/coordination.ts'
import type { Sign } from '../../jobs/alerts.ts'
import type { Clock } from '../../model/time.ts'
import type { Metrics } from '../../ops/metrics.ts'
import { freePartOfDisk, overdueMs } from '../../ops/surroundings.ts'
import type { Admission } from '../../pipeline/admission.ts'
import { provenAt, retentionDue, type Store } from '../../store/store.ts'
import { wantsBackups } from '../backup-wanted.ts'
import { dataFolder } from '../data-folder.ts'
import type { Duties } from '../duties.ts'
import type { LiveModels } from '../models.ts'
import { createCertificateSign } from './certificate-sign.ts'
import { createConflictSign, createDatabaseSign, createErrorSign } from './past-signs.ts'
import { createEscalationSign, createServerErrorSign, createSlowModelSign } from './ratio-signs.ts'
import { createRestartSign } from './restart-sign.ts'

export interface SignParts {
  config: Config
  duties: Duties
  store: Pick<Store, 'read' | 'write' | 'check' | 'poolUsage' | 'begunAt'>
  coordination: Pick<Coordination, 'check'>
  channels: readonly Channel[]
  models: Pick<LiveModels, 'trouble'>
  admission: Pick<Admission, 'isShedding'>
  metrics: Metrics
  clock: Clock
}

const minuteMs = 60_000
const hourMs = 60 * minuteMs

/** The same marks as the rules of deploy/monitoring/prometheus have. */
export const marks = {
  backlogMs: minuteMs,
  poolUsage: 0.9,
  diskFree: 0.1,
  retentionMs: 24 * hourMs,
  backupMs: 26 * hourMs,
}

/** What this process can find wrong; what is in the database is looked at by those that answer. */
export function createSigns(parts: SignParts): Sign[] {
  const { config, duties } = parts
  const { serves, works, fetches } = duties
  const conflict = createConflictSign(parts)
  return [
    createDatabaseSign(parts),
    createErrorSign(parts),
    poolSign(parts),
    diskSign(parts),
    ...(isAlone(config) ? [createRestartSign(parts)] : []),
    ...(config.redis ? [redisSign(parts)] : []),
    ...(serves ? [createServerErrorSign(parts)] : []),
    ...(fetches ? [conflict, ...certificateSigns(parts)] : []),
    channelSign(parts, conflict.isRecent),
    ...(serves || fetches ? [overloadSign(parts)] : []),
    // Where a conversation begins and where a human is offered are counted in different processes else.
    ...(serves && works && fetches ? [createEscalationSign(parts)] : []),
    ...(works ? [modelSign(parts), createSlowModelSign(parts), ...sharedSigns(parts)] : []),
  ]
}

/** On the embedded database there is one process. While a bot is developed it is started all the time. */
const isAlone = ({ database, environment }: Config): boolean =>
  database.kind === 'sqlite' && environment !== 'development'

/** Of the addresses of its own a bot knows that of its webhook. */
function certificateSigns(parts: SignParts): Sign[] {
  const { webhookUrl } = parts.config.telegram ?? {}
  const address = webhookUrl === undefined ? undefined : new URL(webhookUrl)
  return address?.protocol === 'https:' ? [createCertificateSign(address, parts)] : []
}

const poolSign = ({ store }: SignParts): Sign => ({
  kind: 'pool',
  forMs: 5 * minuteMs,
  look: async () => (store.poolUsage() > marks.poolUsage ? { kind: 'pool' } : undefined),
})

function diskSign({ config }: SignParts): Sign {
  return {
    kind: 'disk',
    forMs: minuteMs,
    async look() {
      const free = await freePartOfDisk(dataFolder(config))
      return free < marks.diskFree ? { kind: 'disk', freePercent: Math.floor(free * 100) } : undefined
    },
  }
}

const redisSign = ({ coordination }: SignParts): Sign => ({
  kind: 'redis',
  forMs: minuteMs,
  look: () =>
    coordination.check().then(
      () => undefined,
      () => ({ kind: 'redis' }),
    ),
})

function channelSign({ channels }: SignParts, hasConflict: () => boolean): Sign {
  return {
    kind: 'channel',
    forMs: 5 * minuteMs,
    async look() {
      const down = channels.filter((channel) => channel.status().state === 'down').map(({ name }) => name)
      return down.length > 0 && !hasConflict() ? { kind: 'channel', channels: down.join(', ') } : undefined
    },
  }
}

const overloadSign = ({ admission }: SignParts): Sign => ({
  kind: 'overload',
  forMs: minuteMs / 2,
  look: async () => (admission.isShedding() ? { kind: 'overload' } : undefined),
})

/** What somebody must mend: the model itself may come back before anybody could look. */
const lasting: ReadonlySet<string> = new Set(['key', 'credit', 'model'])

function modelSign({ models, metrics }: SignParts): Sign {
  return {
    kind: 'models',
    forMs: minuteMs,
    async look() {
      const { values } = await metrics.llmResting.get()
      const resting = values.filter(({ value }) => value === 1).map(({ labels }) => String(labels.model))
      const trouble = models.trouble()
      const mended = trouble && lasting.has(trouble.kind) ? [trouble.model] : []
      const names = [...new Set([...resting, ...mended])]
      return names.length > 0 ? { kind: 'models', models: names.join(', ') } : undefined
    },
  }
}

function sharedSigns({ config, store, clock }: SignParts): Sign[] {
  const { read } = store
  let asked: ReturnType<typeof read.messages.backlog> | undefined
  /** All signs are looked at in one moment: one answer does for both. */
  const backlog = () =>
    (asked ??= read.messages.backlog().finally(() => {
      asked = undefined
    }))
  return [
    {
      kind: 'backlog',
      forMs: minuteMs / 2,
      async look() {
        const { received, queued } = await backlog()
        const oldestMs = overdueMs(await read.messages.waitingSince(clock.now()), clock.now())
        return oldestMs > marks.backlogMs ? { kind: 'backlog', received, queued, oldestMs } : undefined
      },
    },
    {
      kind: 'deadLetters',
      forMs: 0,
      async look() {
        const { failed } = await backlog()
        return failed > 0 ? { kind: 'deadLetters', count: failed } : undefined
      },
    },
    {
      kind: 'retention',
      forMs: 0,
      async look() {
        const overdue = overdueMs(await retentionDue(store), clock.now())
        return overdue > marks.retentionMs ? { kind: 'retention', overdueMs: overdue } : undefined
      },
    },
    {
      kind: 'backup',
      forMs: 0,
      async look() {
        const now = clock.now()
        const at = await provenAt(read.leases, now)
        if (at === undefined && !wantsBackups(config)) return undefined
        const ageMs = overdueMs(at ?? (await store.begunAt()), now)
        if (ageMs <= marks.backupMs) return undefined
        return { kind: 'backup', ageMs: at === undefined ? undefined : ageMs }
      },
    },
  ]
}
