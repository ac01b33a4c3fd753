import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openAdmission } from '../../src/app/admission.ts'
import { dutiesOf } from '../../src/app/duties.ts'
import { createFace } from '../../src/app/face.ts'
import { buildServer } from '../../src/app/server.ts'
import { loadConfig } from '../../src/config/load.ts'
import { createMemoryCoordination } from '../../src/coordination/memory/coordination.ts'
import { ParleyError } from '../../src/model/errors.ts'
import { createEvents } from '../../src/ops/events.ts'
import { makeFolder } from '../../src/ops/folder.ts'
import { silentLog } from '../../src/ops/log.ts'
import { createMetrics } from '../../src/ops/metrics.ts'
import { readVersion } from '../../src/ops/version.ts'
import { createTestStore, type TestStore } from '../support/stores.ts'

let folder: string
let place: TestStore
let server: FastifyInstance
let checks = 0
let down = false
let misconfigured = false
let late: Promise<void> | undefined
let time = Date.now()
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-probes-'))
  place = await createTestStore('sqlite')
  const loaded = loadConfig({ env: { DATA_DIR: folder }, cwd: folder, makeFolder })
  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems))
  const { config } = loaded
  const metrics = createMetrics({ process: false })
  const events = createEvents({ log: silentLog, metrics })
  server = await buildServer({
    config,
    duties: dutiesOf.all,
    store: { ...place.store, check },
    coordination: createMemoryCoordination(),
    channels: [],
    telegramWebhook: undefined,
    accept: async () => [],
    events,
    metrics,
    clock: { now: () => time },
    version: readVersion(),
    face: createFace(() => config.bot),
    models: { name: () => null, freeName: () => null, trouble: () => undefined },
    spending: async () => ({ spentMicroUsd: 0, limitMicroUsd: 0, isExhausted: false }),
    admission: openAdmission(config.pipeline, {
      ...place,
      channels: new Map(),
      events,
      clock: { now: () => time },
    }),
    limits: () => config.limits,
    state: () => ({ open: true, misconfigured }),
  })
})
afterAll(async () => {
  await server.close()
  await place.drop()
  await rm(folder, { recursive: true })
})

async function check(): Promise<void> {
  checks += 1
  await late
  if (down) throw new ParleyError('DATABASE_UNAVAILABLE')
  return place.store.check()
}

/** Many requests to each address that tells how the database is, in waves; the codes they were answered with. */
async function flood(): Promise<number[]> {
  const codes: number[] = []
  for (let wave = 0; wave < 20; wave += 1) {
    const asked = ['/health', '/readyz', '/api/status'].map((url) => server.inject({ url }))
    codes.push(...(await Promise.all(asked)).map(({ statusCode }) => statusCode))
  }
  return codes
}

test('files with problems are told, and degrade what runs no further', async () => {
  misconfigured = true
  const health = await server.inject({ url: '/health' })
  expect(health.statusCode).toBe(200)
  expect(health.json()).toMatchObject({
    status: 'degraded',
    checks: { configuration: { status: 'down', detail: expect.stringContaining('the log names them') } },
  })
  misconfigured = false
  checks = 0
  time += 1000
})

test('a flood of questions costs the database one a second', async () => {
  expect(new Set(await flood())).toEqual(new Set([200]))
  expect(checks).toBe(1)
  time += 1000
  down = true
  expect((await flood()).slice(0, 3)).toEqual([503, 503, 200])
  expect(checks).toBe(2)
  expect((await server.inject({ url: '/api/status' })).json()).toMatchObject({ database: { state: 'down' } })
})

test('a database that is late is as it was; one that does not come back is told', async () => {
  const codes = async () => {
    const answers = await Promise.all(['/health', '/readyz'].map((url) => server.inject({ url })))
    return answers.map(({ statusCode }) => statusCode)
  }
  down = false
  time += 1000
  expect(await codes()).toEqual([200, 200])
  const hanging = Promise.withResolvers<void>()
  late = hanging.promise
  time += 1000
  const began = performance.now()
  expect(await codes()).toEqual([200, 200])
  expect(performance.now() - began).toBeLessThan(500)
  time += 15_000
  expect(await codes()).toEqual([503, 503])
  late = undefined
  hanging.resolve()
  time += 1000
  await expect.poll(codes).toEqual([200, 200])
})
