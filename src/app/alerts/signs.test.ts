import { expect, test } from 'vitest'
import { createTurnedClock } from '../../../test/support/clock.ts'
import { bootApp } from '../../../test/support/app.ts'
import type { ChannelStatus } from '../../channels/channel.ts'
import type { Config, ProcessRole } from '../../config/config.ts'
import type { Alert, AlertKind } from '../../model/alert.ts'
import { createMetrics } from '../../ops/metrics.ts'
import { provenFor, retentionLeases } from '../../store/store.ts'
import type { ModelTrouble } from '../model-trouble.ts'
import { dutiesOf } from '../duties.ts'
import { createSigns, type SignParts } from './signs.ts'

const hourMs = 3_600_000
const clock = createTurnedClock('2026-03-01T10:00:00Z')
const metrics = createMetrics({ process: false })
const state = {
  isAway: false,
  oldest: undefined as number | undefined,
  failed: 0,
  pool: 0,
  retention: undefined as number | undefined,
  backup: undefined as number | undefined,
  begun: clock.now(),
  redisIsAway: false,
  channel: 'up' as ChannelStatus['state'],
  isShedding: false,
  trouble: undefined as (ModelTrouble & { model: string }) | undefined,
}

async function signs(
  changes: Partial<Config> = {},
  role: ProcessRole = 'all',
): Promise<Map<AlertKind, () => Promise<Alert | undefined>>> {
  const booted = await bootApp()
  await booted.stop()
  const parts = {
    config: { ...booted.config, redis: { url: 'redis://nowhere', prefix: '' }, ...changes },
    duties: dutiesOf[role],
    store: {
      begunAt: async () => state.begun,
      check: async () => {
        if (state.isAway) throw new Error('away')
      },
      poolUsage: () => state.pool,
      read: {
        messages: {
          backlog: async () => ({ received: 3, queued: 1, failed: state.failed }),
          waitingSince: async () => state.oldest,
        },
        leases: {
          until: async (name: string) =>
            name === retentionLeases.rest ? state.retention : state.backup && state.backup + provenFor,
        },
      },
    },
    coordination: {
      check: async () => {
        if (state.redisIsAway) throw new Error('away')
      },
    },
    channels: [{ name: 'telegram', status: () => ({ state: state.channel, detail: '' }) }],
    models: { trouble: () => state.trouble },
    admission: { isShedding: () => state.isShedding },
    metrics,
    clock,
  } as unknown as SignParts
  return new Map(createSigns(parts).map(({ kind, look }) => [kind, look]))
}

test('every sign is silent while all is well, and speaks when it is not', async () => {
  const all = await signs()
  const look = (kind: AlertKind) => all.get(kind)?.()
  for (const [kind, ask] of all) expect([kind, await ask()]).toEqual([kind, undefined])

  state.oldest = clock.now() - 61_000
  expect(await look('backlog')).toMatchObject({ received: 3, queued: 1 })
  state.failed = 2
  expect(await look('deadLetters')).toMatchObject({ count: 2 })
  state.pool = 0.95
  expect(await look('pool')).toBeDefined()
  state.redisIsAway = true
  expect(await look('redis')).toBeDefined()
  state.isShedding = true
  expect(await look('overload')).toBeDefined()
  state.retention = clock.now() - 23 * hourMs
  expect(await look('retention')).toBeUndefined()
  state.retention -= 2 * hourMs
  expect(await look('retention')).toBeDefined()
  state.backup = clock.now() - 25 * hourMs
  expect(await look('backup')).toBeUndefined()
  state.backup -= 2 * hourMs
  expect(await look('backup')).toEqual({ kind: 'backup', ageMs: expect.closeTo(27 * hourMs, -4) })
})

test('that there never was a backup is told where one is wanted, a day after the installation began', async () => {
  state.backup = undefined
  state.begun = clock.now() - 25 * hourMs
  const daily = { backup: { dailyAt: '03:00' } as Config['backup'] }
  const never = async (changes: Partial<Config>) => (await signs(changes)).get('backup')?.()
  expect(await never({ environment: 'production' })).toBeUndefined()
  state.begun -= 2 * hourMs
  expect(await never({ environment: 'production' })).toEqual({ kind: 'backup', ageMs: undefined })
  expect(await never({ environment: 'development', ...daily })).toEqual({ kind: 'backup', ageMs: undefined })
  expect(await never({ environment: 'development' })).toBeUndefined()
})

test('a deletion that was never completed is due since the installation began', async () => {
  state.retention = undefined
  const look = async () => (await signs()).get('retention')?.()
  state.begun = clock.now() - 23 * hourMs
  expect(await look()).toBeUndefined()
  state.begun -= 2 * hourMs
  expect(await look()).toMatchObject({ kind: 'retention', overdueMs: expect.closeTo(25 * hourMs, -4) })
})

/** Looks as often as the job does, as long as that takes. */
async function during(minutes: number, look: () => Promise<Alert | undefined> | undefined) {
  const seen: (Alert | undefined)[] = []
  for (let left = minutes; left > 0; left -= 1) {
    clock.passes(60_000)
    seen.push(await look())
  }
  return seen
}

test('requests that end in an error, but not those of a database that is away or for want of room', async () => {
  state.isShedding = false
  const look = (await signs()).get('serverErrors')
  const answers = (status: number, count: number, endpoint = '/chat') =>
    metrics.httpRequests.inc({ method: 'GET', endpoint, status }, count)
  expect(await look?.()).toBeUndefined()
  answers(200, 96)
  answers(503, 4)
  answers(503, 50, '/readyz')
  expect(await look?.()).toBeUndefined()
  answers(500, 2)
  expect(await look?.()).toEqual({ kind: 'serverErrors', percent: 6 })
  expect((await during(5, () => look?.())).at(-1)).toBeUndefined()
  state.isAway = true
  answers(503, 20)
  expect(await look?.()).toBeUndefined()
  state.isAway = false
  answers(503, 20)
  expect(await look?.()).toBeUndefined()
  state.isShedding = true
  answers(503, 20)
  expect(await look?.()).toBeUndefined()
  state.isShedding = false
})

test('a model of which more than one call in twenty is slow', async () => {
  const look = (await signs()).get('modelSlow')
  const takes = (model: string, seconds: number, count: number) => {
    for (let left = count; left > 0; left -= 1) metrics.llmSeconds.observe({ model }, seconds)
  }
  takes('openai/a', 1, 1)
  takes('google/c', 1, 1)
  expect(await look?.()).toBeUndefined()
  takes('openai/a', 1, 95)
  takes('openai/a', 11, 5)
  takes('google/c', 1, 94)
  takes('google/c', 11, 6)
  expect(await look?.()).toEqual({ kind: 'modelSlow', models: 'google/c' })
  expect((await during(5, () => look?.())).at(-1)).toBeUndefined()
})

test('many ask for a human, where there are enough to tell', async () => {
  const look = (await signs()).get('escalations')
  const asked = (conversations: number, count: number) => {
    metrics.conversations.inc(conversations)
    metrics.escalations.inc({ reason: 'asked' }, count)
  }
  expect(await look?.()).toBeUndefined()
  asked(5, 5)
  expect(await look?.()).toBeUndefined()
  expect((await during(10, () => look?.())).at(-1)).toBeUndefined()
  asked(10, 3)
  expect(await look?.()).toBeUndefined()
  asked(0, 1)
  expect(await look?.()).toEqual({ kind: 'escalations', percent: 40 })
})

test('a model that rests, and one whose key is refused', async () => {
  const all = await signs()
  metrics.llmResting.set({ model: 'openai/a' }, 1)
  metrics.llmResting.set({ model: 'openai/b' }, 0)
  expect(await all.get('models')?.()).toMatchObject({ models: 'openai/a' })
  state.trouble = { kind: 'slow', message: '', model: 'google/c' }
  expect(await all.get('models')?.()).toMatchObject({ models: 'openai/a' })
  state.trouble = { kind: 'key', message: '', model: 'google/c' }
  expect(await all.get('models')?.()).toMatchObject({ models: 'openai/a, google/c' })
})

test('a database that was away is told once it is back, and its errors are not told as well', async () => {
  const all = await signs()
  const look = (kind: AlertKind) => all.get(kind)?.()
  await look('errors')
  state.isAway = true
  metrics.errors.inc({ area: 'turn' }, 50)
  await expect(look('database')).rejects.toThrow('away')
  expect(await look('errors')).toBeUndefined()
  clock.passes(90_000)
  metrics.errors.inc({ area: 'turn' }, 50)
  state.isAway = false
  expect(await look('database')).toEqual({ kind: 'database', awayMs: expect.closeTo(90_000, -3) })
  expect(await look('errors')).toBeUndefined()
  clock.passes(121_000)
  expect(await look('database')).toBeUndefined()
  metrics.errors.inc({ area: 'turn' }, 11)
  expect(await look('errors')).toEqual({ kind: 'errors', count: 11 })
  clock.passes(hourMs)
  expect(await look('errors')).toBeUndefined()
})

test('one conflict is a hand-over, three are somebody else; then the channel is not told as well', async () => {
  const all = await signs()
  const look = (kind: AlertKind) => all.get(kind)?.()
  expect(await look('conflict')).toBeUndefined()
  state.channel = 'down'
  metrics.telegramConflicts.inc(2)
  expect(await look('conflict')).toBeUndefined()
  expect(await look('channel')).toEqual({ kind: 'channel', channels: 'telegram' })
  metrics.telegramConflicts.inc()
  expect(await look('conflict')).toEqual({ kind: 'conflict' })
  expect(await look('channel')).toBeUndefined()
  clock.passes(301_000)
  expect(await look('conflict')).toBeUndefined()
})

test('a process looks at what it can tell', async () => {
  const kinds = async (changes: Partial<Config>, role?: ProcessRole) => [
    ...(await signs(changes, role)).keys(),
  ]
  const telegram = (webhookUrl: string) => ({ telegram: { webhookUrl } as Config['telegram'] })
  const production = { environment: 'production' } as const
  const database = { kind: 'postgres', url: '', poolMin: 0, poolMax: 1 } as const
  expect(await kinds({})).not.toContain('restarts')
  expect(await kinds(production)).toContain('restarts')
  expect(await kinds({ ...production, database })).not.toContain('restarts')
  expect(await kinds({})).not.toContain('certificate')
  expect(await kinds(telegram('https://chat.acme.com/webhook/telegram'))).toContain('certificate')
  expect(await kinds(telegram('http://127.0.0.1/webhook/telegram'))).not.toContain('certificate')
  expect(await kinds(telegram('https://chat.acme.com'), 'worker')).not.toContain('certificate')
  expect(await kinds({}, 'worker')).not.toContain('escalations')
  expect(await kinds({}, 'worker')).toContain('modelSlow')
  expect(await kinds({}, 'api')).toContain('serverErrors')
})
