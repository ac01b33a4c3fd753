import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { bootApp, type TestApp } from '../support/app.ts'
import { createTurnedClock, type TurnedClock } from '../support/clock.ts'
import { compiled } from '../support/compiled.ts'
import { createDatabase } from '../support/stores.ts'
import { cookieOf, openPage, type Page } from '../support/page.ts'
import { createTelegramTown, type RunningApp, type TelegramTown } from '../support/telegram-app.ts'

const execute = promisify(execFile)
const hourMs = 3_600_000
const generous = { model_calls: { per_session: 100_000, per_day: 100_000 } }

let clock: TurnedClock
const closing: (() => Promise<unknown>)[] = []
beforeEach(() => {
  // Five past eight in the evening in Kolkata, where the hour ends half an hour before or after that of UTC.
  clock = createTurnedClock('2026-11-26T14:35:00Z')
})
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
})

let updates = 1000

/** What Telegram would post for a message of this person. */
function update(person: string, text: string, id: number = (updates += 1)): string {
  const from = { id: Number(person), is_bot: false, first_name: 'Ann', language_code: 'en' }
  const chat = { id: Number(person), type: 'private', first_name: 'Ann' }
  return JSON.stringify({ update_id: id, message: { message_id: id, date: 1, from, chat, text } })
}

async function townWith(limits: object, more: object = {}): Promise<{ town: TelegramTown; app: RunningApp }> {
  const town = await createTelegramTown()
  closing.push(town.close)
  for (let person = 5001; person <= 5008; person += 1) town.bot.person(String(person))
  town.modelSays('This is what I have to say about it, and it is long enough to be sure of.')
  const app = await start(town, limits, more)
  return { town, app }
}

const start = (town: TelegramTown, limits: object, more: object = {}): Promise<RunningApp> =>
  town.start({ webhook: true, clock, timezone: 'Asia/Kolkata', limits: { ...generous, ...limits }, ...more })

const textsTo = (town: TelegramTown, person: string): string[] =>
  town.bot.sentTo(person).map(({ text }) => text)
const noticesTo = (town: TelegramTown, person: string): string[] =>
  textsTo(town, person).filter((text) => !text.startsWith('This is what'))

/** Waits until nothing waits for an answer or for being sent. */
async function settled({ address }: RunningApp): Promise<void> {
  await expect
    .poll(
      async () => (await (await fetch(`${address}/metrics`)).text()).match(/^backlog_messages.* [^0].*$/m),
      {
        timeout: 15_000,
        interval: 20,
      },
    )
    .toBeNull()
}

describe('on Telegram', () => {
  test('two processes, one restarted: the 60th is answered, the 61st told about, until the hour of the tenant ends', {
    timeout: 120_000,
  }, async () => {
    const { options, drop } = await createDatabase('postgres')
    closing.push(drop)
    const database = { databaseUrl: options.kind === 'postgres' ? options.url : '' }
    const { town, app: one } = await townWith({}, database)
    const other = await start(town, {}, database)
    const write = async (nth: number, text = `question number ${nth}, if you please`) => {
      const app = nth % 2 ? one : other
      expect((await app.post(update('5001', text))).status).toBe(200)
    }
    for (let nth = 1; nth <= 40; nth += 1) {
      await write(nth)
      await town.bot.waitForSent('5001', nth)
    }
    await one.restart()
    for (let nth = 41; nth <= 60; nth += 1) {
      await write(nth)
      await town.bot.waitForSent('5001', nth)
    }
    expect(noticesTo(town, '5001')).toEqual([])
    await write(61)
    await town.bot.waitForSent('5001', 61)
    await Promise.all(Array.from({ length: 12 }, (_, nth) => write(62 + nth)))
    await settled(other)
    expect(noticesTo(town, '5001')).toEqual([
      expect.stringMatching(
        /limit of 60 messages an hour\. I can answer you again from 21:00 \(in \d+ minutes\)/,
      ),
    ])
    expect(textsTo(town, '5001')).toHaveLength(61)
    clock.passes(hourMs)
    await write(1)
    await town.bot.waitForSent('5001', 62)
    expect(noticesTo(town, '5001')).toHaveLength(1)
  })

  test('a live location that moves and an edit of the same words ask nothing while a question is answered', async () => {
    const { town, app } = await townWith({})
    let asked = 0
    town.models.always(() => {
      asked += 1
      return {
        tokens: ['This is ', 'what I say ', 'to that, and it is certainly ', 'long enough.'],
        tokenMs: 150,
      }
    })
    const question = JSON.parse(update('5008', 'where is your office?')) as { message: object }
    await app.post(JSON.stringify(question))
    await expect.poll(() => asked, { timeout: 10_000 }).toBe(1)
    const edited = (message: object) =>
      app.post(
        JSON.stringify({
          update_id: (updates += 1),
          edited_message: { ...question.message, edit_date: 2, ...message },
        }),
      )
    const moved = {
      message_id: 1,
      text: undefined,
      location: { latitude: 1, longitude: 2, live_period: 3600 },
    }
    for (let nth = 0; nth < 3; nth += 1) {
      expect((await edited(moved)).status).toBe(200)
      expect((await edited({})).status).toBe(200)
    }
    await town.bot.waitForSent('5008', 1)
    await settled(app)
    expect(textsTo(town, '5008')).toHaveLength(1)
    expect(asked).toBe(1)
  })

  test('forty at once over two processes: as many answered as allowed, one told', async () => {
    const { options, drop } = await createDatabase('postgres')
    closing.push(drop)
    const more = {
      databaseUrl: options.kind === 'postgres' ? options.url : '',
      telegram: { quiet_window: '300ms' },
    }
    const { town, app: one } = await townWith({ per_hour: 25 }, more)
    const other = await start(town, { per_hour: 25 }, more)
    const asked: string[] = []
    town.models.always(({ body }) => {
      asked.push(JSON.stringify(body))
      return { tokens: ['This is what I say to all of it, and it is certainly long enough.'] }
    })
    await Promise.all(
      Array.from({ length: 40 }, (_, nth) => (nth % 2 ? one : other).post(update('5002', `<q${nth}>`))),
    )
    await expect.poll(() => noticesTo(town, '5002').length, { timeout: 15_000 }).toBe(1)
    await settled(one)
    const questions = new Set(asked.join('').match(/<q\d+>/g))
    expect(questions.size).toBe(25)
    expect(noticesTo(town, '5002')).toHaveLength(1)
    expect(textsTo(town, '5002').at(-1)).toContain('limit of 25 messages an hour')
  })

  test('what Telegram delivers again does not count', async () => {
    const { town, app } = await townWith({ per_hour: 2 })
    const first = update('5003', 'the first question of all')
    for (let nth = 0; nth < 5; nth += 1) await app.post(first)
    await town.bot.waitForSent('5003', 1)
    await app.post(update('5003', 'the second question'))
    await town.bot.waitForSent('5003', 2)
    await app.post(first)
    await settled(app)
    expect(noticesTo(town, '5003')).toEqual([])
    await app.post(update('5003', 'the third question'))
    await town.bot.waitForSent('5003', 3)
    expect(noticesTo(town, '5003')).toHaveLength(1)
  })

  test('who goes on is banned, in their language, and hears of each step once', async () => {
    const { town, app } = await townWith({ per_hour: 1, ban_after: 3 }, { bot: { languages: ['en', 'ru'] } })
    const write = async (text: string) => {
      await app.post(update('5004', text))
      clock.passes(11_000)
    }
    await write('Сколько стоит сделать сайт?')
    await town.bot.waitForSent('5004', 1)
    for (let nth = 0; nth < 6; nth += 1) await write(`Ответьте же наконец, это уже ${nth} раз`)
    await settled(app)
    const [limit, ban] = noticesTo(town, '5004')
    expect(limit).toMatch(/Вы достигли предела: 1 сообщение в час\. Я смогу ответить вам с 21:00/)
    expect(ban).toMatch(
      /На время я перестал вам отвечать\. Я снова смогу это делать с 21:0\d \(через \d+ минут/,
    )
    expect(noticesTo(town, '5004')).toHaveLength(2)
    clock.passes(hourMs / 2)
    await write('А теперь?')
    await settled(app)
    expect(textsTo(town, '5004')).toHaveLength(3)
    clock.passes(hourMs)
    await write('А теперь можно спросить?')
    await town.bot.waitForSent('5004', 4)
    expect(noticesTo(town, '5004')).toHaveLength(2)
    expect(town.logged()).toContain('somebody is over a limit')
    const metrics = await (await fetch(`${app.address}/metrics`)).text()
    expect(metrics).toContain('rate_limit_exceeded_total{user_type="contact"} 7')
  })

  test('a ban is lifted, and made, from the command line while it runs', async () => {
    const { town, app } = await townWith({ per_hour: 1 })
    const { database } = app.config
    const parley = async (...args: string[]): Promise<string> => {
      const env = {
        PATH: process.env.PATH ?? '',
        NODE_COMPILE_CACHE: compiled,
        DATABASE_PATH: 'path' in database ? database.path : '',
      }
      const { stdout } = await execute(process.execPath, ['src/main.ts', 'contacts', ...args], { env })
      return stdout
    }
    const write = async (text: string, sent: number) => {
      await app.post(update('5008', text))
      await town.bot.waitForSent('5008', sent)
    }
    await write('the first question of all', 1)
    await write('the second question', 2)
    expect(await parley('lift', 'telegram:5008')).toContain('telegram:5008 is answered again.')
    await write('the third question of all', 3)
    expect(noticesTo(town, '5008')).toHaveLength(1)
    await parley('ban', '5008')
    expect(await parley()).toContain('blocked  for good  telegram:5008  Ann')
    await write('the fourth question', 4)
    expect(noticesTo(town, '5008').at(-1)).toContain('This chat is blocked.')
    await app.post(update('5008', 'the fifth question'))
    await settled(app)
    expect(textsTo(town, '5008')).toHaveLength(4)
  })

  test('staff are counted against nothing', async () => {
    const limits = { per_hour: 1, model_calls: { per_session: 1, per_day: 1 } }
    const { town, app } = await townWith(limits, { bot: { admins: ['telegram:5005'] } })
    for (let nth = 1; nth <= 4; nth += 1) {
      await app.post(update('5005', `question number ${nth} of an administrator`))
      await town.bot.waitForSent('5005', nth)
    }
    expect(noticesTo(town, '5005')).toEqual([])
  })

  test('a changed limit holds without a restart', async () => {
    const { town, app } = await townWith({ per_hour: 1 })
    await app.post(update('5006', 'the first question of all'))
    await town.bot.waitForSent('5006', 1)
    const { config } = app
    const messages = { ...config.limits.messages, perHour: 2 }
    app.app.reload({ ...config, limits: { ...config.limits, messages } }, ['limits'])
    await app.post(update('5006', 'the second question'))
    await town.bot.waitForSent('5006', 2)
    await app.post(update('5006', 'the third question'))
    await town.bot.waitForSent('5006', 3)
    expect(noticesTo(town, '5006')).toEqual([expect.stringContaining('limit of 2 messages an hour')])
  })

  test('without a model call left it says so and from when, commands and the rest still work', async () => {
    const limits = { model_calls: { per_session: 2, per_day: 3 } }
    const commands = [{ command: 'pricing', description: 'Prices', text: 'It costs **much**.' }]
    const { town, app } = await townWith(limits, { bot: { commands } })
    let sent = 0
    const ask = async (text: string): Promise<string> => {
      await app.post(update('5007', text))
      sent += 1
      return (await town.bot.waitForSent('5007', sent)).at(-1)?.text ?? ''
    }
    for (const text of ['why is that so?', 'and how does it go on?'])
      expect(await ask(text)).toContain('This is what')
    expect(await ask('and then what happens?')).toMatch(
      /as many answers for you as I may for now\. I can do so again from 21:0\d \(in \d+ minutes\)/,
    )
    expect(town.bot.sentTo('5007').at(-1)?.markup?.inline_keyboard.flat()).toMatchObject([
      { text: 'Ask for a human' },
    ])
    expect(await ask('/pricing')).toBe('It costs much.')
    clock.passes(hourMs)
    expect(await ask('is it better by now?')).toContain('This is what')
    expect(await ask('and what about this one?')).toMatch(/again from November 27, 00:00 \(in 3 hours\)/)
    expect(town.models.requests).toHaveLength(3)
  })
})

describe('on the web', () => {
  let running: TestApp

  async function boot(limits: object): Promise<{ page: Page; session: string }> {
    running = await bootApp({
      settings: { web: { quiet_window: '0ms' }, timezone: 'Asia/Kolkata', limits },
      limited: true,
      clock,
    })
    closing.push(running.close)
    const origin = running.app.address
    const page = openPage(origin, { origin, cookie: await cookieOf(origin), 'accept-language': 'ru' })
    await page.until('hello')
    const session = randomUUID()
    page.send({ type: 'open', session, after: 0 })
    await page.until('opened')
    return { page, session }
  }

  const said = (page: Page): { author: string; text: string }[] =>
    page.frames.flatMap(
      (frame) => (frame['messages'] as { author: string; text: string }[] | undefined) ?? [],
    )

  test('the page shows the notice, in the language of the visitor, and then nothing more', async () => {
    const { page, session } = await boot({ per_hour: 2 })
    const say = async (text: string, answers: number) => {
      page.send({ type: 'send', session, id: randomUUID(), text })
      await expect
        .poll(() => said(page).filter(({ author }) => author === 'bot'), { timeout: 5000 })
        .toHaveLength(answers)
    }
    await say('/help', 1)
    await say('/start', 2)
    await say('/help', 3)
    expect(said(page).at(-1)?.text).toMatch(
      /Вы достигли предела: 2 сообщения в час.*с 21:00 \(через \d+ минут/,
    )
    await say('/help', 3)
    await expect.poll(() => said(page).filter(({ author }) => author === 'contact')).toHaveLength(4)
    clock.passes(hourMs)
    await say('/help', 4)
    page.socket.close()
  })

  test('other sessions of the visitor are the same person', async () => {
    const { page, session } = await boot({ per_hour: 2 })
    const bots = () => said(page).filter(({ author }) => author === 'bot')
    page.send({ type: 'send', session, id: randomUUID(), text: '/help' })
    await expect.poll(bots).toHaveLength(1)
    const another = randomUUID()
    page.send({ type: 'open', session: another, after: 0 })
    for (let nth = 2; nth <= 3; nth += 1) {
      page.send({ type: 'send', session: another, id: randomUUID(), text: `/help ${nth}` })
      await expect.poll(bots).toHaveLength(nth)
    }
    expect(bots().at(-1)?.text).toContain('Вы достигли предела')
    page.socket.close()
  })

  test('asking from the command line is counted against nothing', async () => {
    await boot({ per_hour: 1 })
    for (let nth = 0; nth < 3; nth += 1) {
      const { turn } = await running.app.call('/help', () => undefined)
      expect(turn.source).toBe('commands')
    }
  })
})
