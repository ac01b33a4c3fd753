import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Choose } from '../fakes/telegram/faults.ts'
import { fakeToken } from '../fakes/telegram/telegram.ts'
import { createTurnedClock } from '../support/clock.ts'
import { compiled } from '../support/compiled.ts'
import { incoming } from '../support/pipeline.ts'
import { createTestStore } from '../support/stores.ts'
import { createTelegramTown, type RunningApp, type TelegramTown } from '../support/telegram-app.ts'

const execute = promisify(execFile)

let town: TelegramTown
beforeEach(async () => {
  town = await createTelegramTown()
  town.modelSays('An answer long enough that nobody has to doubt its confidence.')
})
afterEach(() => town.close())

/** `parley outbox …` beside the running application, on its database. */
const outbox = ({ config }: Pick<RunningApp, 'config'>, ...args: string[]): Promise<string> =>
  outboxAt('path' in config.database ? config.database.path : '', args)

/** The same of the bot of `fakeToken`, wherever its database is. */
async function outboxAt(path: string, args: string[], token = fakeToken): Promise<string> {
  const env = {
    PATH: process.env.PATH ?? '',
    NODE_COMPILE_CACHE: compiled,
    DATABASE_PATH: path,
    TELEGRAM_BOT_TOKEN: token,
  }
  const { stdout } = await execute(process.execPath, ['src/main.ts', 'outbox', ...args], { env })
  return stdout
}

test('a poison reply becomes a dead letter, holds up nobody, and arrives once when it is revived', async () => {
  const clock = createTurnedClock('2026-11-26T12:00:00Z')
  const app = await town.start({ clock })
  const { bot, fake } = town
  const sends = (chat: string): number =>
    bot.state.calls.filter(({ method, args }) => method === 'sendMessage' && args['chat_id'] === chat).length
  const poison: Choose = (method, args) =>
    method === 'sendmessage' && args['chat_id'] === '13' ? { kind: 'status', code: 500 } : undefined
  fake.faults.decide(poison)

  bot.person('13').writes('will this ever arrive?')
  for (let tries = 1; tries <= 8; tries += 1) {
    await bot.until(() => sends('13') >= tries)
    const other = `2${tries}`
    const asked = performance.now()
    bot.person(other).writes('and I, do I get an answer?')
    await bot.waitForSent(other, 1)
    expect(performance.now() - asked).toBeLessThan(1000)
    clock.passes(400_000)
  }
  await expect.poll(() => outbox(app), { timeout: 10_000 }).toMatch(/failed .* telegram:13 {2}sent 8 times/)
  expect(sends('13')).toBe(8)
  const [{ id, reason }] = JSON.parse(await outbox(app, 'list', '--json'))
  expect(reason).toBe('HTTP 500')
  expect(id).toMatch(/^[0-9a-f]{8}-2$/)
  expect(town.logged()).toContain('reply given up')

  fake.faults.clear()
  bot.person('13').writes('hello?')
  await bot.waitForSent('13', 1)
  town.modelSays('A younger answer, which has to wait for the revived one before it.')
  fake.faults.decide(poison)
  bot.person('13').writes('are you there?')
  await bot.until(() => sends('13') === 10)
  expect(await outbox(app, 'retry', id)).toBe(
    '1 reply is queued again; a running bot sends it within seconds.\n',
  )
  fake.faults.clear()
  clock.passes(400_000)
  const sent = (await bot.waitForSent('13', 3)).map(({ text }) => text.split(' ').slice(0, 2).join(' '))
  expect(sent).toEqual(['An answer', 'An answer', 'A younger'])
  await expect.poll(() => outbox(app), { timeout: 10_000 }).toBe('Every reply was delivered.\n')
  expect(await outbox(app, 'retry', '--all')).toBe('There is nothing to send again.\n')
})

test('one that is not wanted is dropped; an id that is none changes nothing', async () => {
  const app = await town.start()
  const blockedBy = (person: string): void => {
    town.bot.person(person).writes('a question of somebody who blocks the bot')
    town.fake.faults.add('sendMessage', {
      kind: 'says',
      code: 403,
      body: '{"ok":false,"error_code":403,"description":"Forbidden: bot was blocked by the user"}',
    })
  }
  blockedBy('13')
  await expect.poll(() => outbox(app), { timeout: 10_000 }).toContain('bot was blocked by the user')
  const [{ id }] = JSON.parse(await outbox(app, '--json'))
  await expect(outbox(app, 'retry', id, 'abcdef01-9')).rejects.toThrow(
    /has the id abcdef01-9; nothing was changed/,
  )
  await expect(outbox(app, 'retry')).rejects.toThrow(/Say which/)
  await expect(outbox(app, 'drop', 'nonsense')).rejects.toThrow(/as the list shows it/)
  expect(await outbox(app)).toMatch(
    new RegExp(
      `\\nSend again: .* outbox retry ${id}, or --all\\nOff the list: .* outbox drop ${id}, or --all\\n$`,
    ),
  )
  expect(await outbox(app, 'drop', id)).toBe('1 reply is dropped.\n')
  expect(JSON.parse(await outbox(app, '--json'))).toEqual([])
  expect(town.bot.sentTo('13')).toEqual([])

  for (const person of ['14', '15']) blockedBy(person)
  await expect.poll(async () => JSON.parse(await outbox(app, '--json')).length, { timeout: 10_000 }).toBe(2)
  await expect(outbox(app, 'drop', id, '--all')).rejects.toThrow(/Say which/)
  expect(await outbox(app, 'drop', '--all')).toBe('2 replies are dropped.\n')
  expect(await outbox(app, 'drop', '--all')).toBe('There is nothing to drop.\n')
})

test('what waits for a bot that is not configured here is listed, and ended when told so', async () => {
  const { store, options, drop } = await createTestStore('sqlite')
  const run = (...args: string[]) => outboxAt('path' in options ? options.path : '', args)
  const [ours = ''] = fakeToken.split(':')
  const chat = { channel: 'telegram', chatId: '13', threadId: '', kind: 'private' } as const
  const at = Date.parse('2025-11-26T12:00:00Z')
  try {
    await store.write(async (tx) => {
      for (const account of ['99', '99', ours])
        await tx.outbox.post({ ...chat, account }, { text: 'r', buttons: undefined }, 'queued', at)
      const message = incoming('telegram', '14', 'a question', { account: '99' })
      await tx.inbox.accept([{ incoming: message, quietMs: 0, immune: true }], at)
    })
    const listed = await run()
    expect(listed).toContain(
      'since 2025-11-26 12:00 UTC  telegram:99  2 replies unsent, 1 message unanswered',
    )
    expect(listed).toContain('outbox drop --waiting-for telegram:99')
    expect(listed).not.toContain(ours)
    expect(JSON.parse(await run('--json'))).toEqual([
      {
        state: 'waiting',
        channel: 'telegram',
        account: '99',
        replies: 2,
        messages: 1,
        since: '2025-11-26T12:00:00.000Z',
      },
    ])
    await expect(run('drop')).rejects.toThrow(/Say which/)
    await expect(run('drop', '--waiting-for', '99')).rejects.toThrow(/as the list shows it/)
    await expect(run('drop', '--waiting-for', 'telegram:98')).rejects.toThrow(/Nothing waits for telegram:98/)
    await expect(run('drop', '--waiting-for', `telegram:${ours}`)).rejects.toThrow(/of this configuration/)
    const until = Date.now() + 60_000
    await store.write((tx) => tx.leases.hold('telegram:99', 'a poller', until - 60_000, until))
    await expect(run('drop', '--waiting-for', 'telegram:99')).rejects.toThrow(/telegram:99 runs/)
    await store.write((tx) => tx.leases.release('telegram:99', 'a poller'))
    expect(await store.read.messages.backlog()).toMatchObject({ received: 1, queued: 3 })
    expect(await run('drop', '--waiting-for', 'telegram:99')).toBe(
      '2 replies dropped; 1 message will get no answer.\n',
    )
    expect(await store.read.messages.backlog()).toMatchObject({ received: 0, queued: 1, failed: 0 })
    expect(await run()).toMatch(
      /^Not given up: 1 reply unsent, 0 messages unanswered, the oldest for \d+ days\.\n→ .* doctor\n$/,
    )
  } finally {
    await drop()
  }
})

test('what waits for a bot that runs is not ended by who lacks its token, or only when forced', async () => {
  const app = await town.start()
  const path = 'path' in app.config.database ? app.config.database.path : ''
  const withoutToken = (...args: string[]) => outboxAt(path, args, '')
  const [account = ''] = fakeToken.split(':')
  const bot = `telegram:${account}`
  const waiting = async () => JSON.parse(await withoutToken('--json'))
  town.fake.faults.decide((method) => (method === 'sendmessage' ? { kind: 'status', code: 500 } : undefined))
  town.bot.person('13').writes('a question whose answer waits')
  await expect.poll(waiting, { timeout: 10_000 }).toMatchObject([{ account, replies: 1 }])
  expect(await withoutToken()).toContain(`outbox drop --waiting-for ${bot}`)
  const drop = withoutToken('drop', '--waiting-for', bot)
  await expect(drop).rejects.toThrow(/runs, or did within the last ten[^]*nothing was changed[^]*--force/)
  expect(await waiting()).toMatchObject([{ account, replies: 1 }])
  expect(await withoutToken('drop', '--waiting-for', bot, '--force')).toContain('1 reply dropped')
  expect(await waiting()).toEqual([])
})
