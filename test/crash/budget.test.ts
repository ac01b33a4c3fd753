import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { dayOf } from '../../src/model/calendar.ts'
import { openStore } from '../../src/store/open.ts'
import { createFakeModels } from '../fakes/model/server.ts'
import { fakeVendors } from '../fakes/model/vendors.ts'
import { createFakeTelegram, fakeToken } from '../fakes/telegram/telegram.ts'
import { watchDay } from '../support/budget.ts'
import { freePort } from '../support/servers/server.ts'
import { createDatabase, databaseKinds } from '../support/stores.ts'
import { startSubject, type Subject } from './subject.ts'

/** Only output costs: 16 tokens of a thousandth of a dollar each. */
const worst = 16_000
/** Calls the money suffices for, and those of them that a process dies with. */
const affordable = 50
const dying = 30
const crowd = 500
const limit = affordable * worst
const settings = `pipeline: { lease: 1s, sweep: 100ms, concurrency: ${crowd} }
telegram: { quiet_window: 5ms, rate: { per_chat: 1000, per_group_minute: 10000, overall: 10000 } }
models: { max_output_tokens: 16, context_tokens: 4000, timeout: 5s, budget: { daily: ${limit / 1e6} } }
`
const answer = 'The whole answer, long enough to be sure of itself, whoever asked for it.'

test.concurrent.each(databaseKinds)(
  'killed in the middle of calls, what they may have cost stays counted, on %s',
  { timeout: 120_000 },
  async (kind) => {
    const place = await createDatabase(kind)
    const folder = await mkdtemp(join(tmpdir(), 'parley-crash-'))
    await writeFile(join(folder, 'parley.yaml'), settings)
    const telegram = await createFakeTelegram({ webhookRetryMs: 20, record: true })
    const models = await createFakeModels()
    const bot = telegram.bot(fakeToken)
    const port = await freePort()
    const env = {
      ...(place.options.kind === 'sqlite'
        ? { DATABASE_PATH: place.options.path }
        : { DATABASE_URL: place.options.url }),
      TELEGRAM_BOT_TOKEN: fakeToken,
      TELEGRAM_API_ROOT: telegram.root,
      TELEGRAM_WEBHOOK_URL: `http://127.0.0.1:${port}/webhook/telegram`,
      TELEGRAM_WEBHOOK_SECRET: 'fake-webhook-secret-for-tests',
      AI_PROVIDER: 'openai',
      AI_MODEL: fakeVendors.openai.model,
      AI_PRICE: '0/1000',
      OPENAI_API_KEY: fakeVendors.openai.key,
      OPENAI_BASE_URL: models.baseUrl('openai'),
    }
    let subject: Subject | undefined
    try {
      // Calls are under way, and the model will charge for them, when the process dies.
      models.always({ fault: { kind: 'hang' } })
      subject = startSubject({ folder, port, env })
      await subject.ready()
      const store = await openStore(place.options, { onConnectionError: () => undefined })
      const day = dayOf(Date.now(), 'UTC')
      const watch = watchDay(store, day)
      const people = Array.from({ length: crowd }, (_, index) => bot.person(String(7001 + index)))
      for (const person of people.slice(0, dying)) person.writes('tell me all of it, would you?')
      while (models.requests.length < dying) await sleep(5)
      subject.signal('SIGKILL')
      await subject.exited
      let charged = dying * worst
      expect(await store.read.budget.day(day)).toMatchObject({
        spentMicroUsd: 0,
        reservedMicroUsd: dying * worst,
      })

      // Everybody asks at once for what is left; orphans are not reused.
      models.always(() => {
        charged += worst
        return { tokens: [answer], usage: { input: 30, output: 16, cached: 0 } }
      })
      subject = startSubject({ folder, port, env })
      await subject.ready()
      for (const person of people.slice(dying)) person.writes('and me, would you tell me too?')
      const answered = () => people.filter(({ chat }) => bot.sentTo(chat.id).length > 0).length
      await bot.until(() => answered() === crowd, 60_000)
      expect(bot.state.sent.filter(({ text }) => text.includes(answer))).toHaveLength(affordable - dying)
      while ((await store.read.budget.day(day))?.reservedMicroUsd !== 0) await sleep(200)
      expect(await store.read.budget.day(day)).toMatchObject({ spentMicroUsd: limit, calls: affordable })
      const { highest } = await watch.end()
      expect(highest).toBe(limit)
      expect(charged).toBe(limit)
      await store.close()
    } finally {
      subject?.signal('SIGKILL')
      await subject?.exited
      await Promise.all([telegram.stop(), models.close()])
      await place.drop()
      await rm(folder, { recursive: true })
    }
  },
)
