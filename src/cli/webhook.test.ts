import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createFakeTelegram, type FakeTelegram, fakeToken } from '../../test/fakes/telegram/telegram.ts'
import { compiled } from '../../test/support/compiled.ts'
import { programName } from './spelling.ts'

const url = 'http://127.0.0.1:1/webhook/telegram'
const secret = 'fake-secret-of-tests'
const folder = mkdtempSync(join(tmpdir(), 'parley-webhook-'))
let fake: FakeTelegram

beforeAll(async () => {
  fake = await createFakeTelegram()
})
afterAll(async () => {
  await fake.stop()
  rmSync(folder, { recursive: true })
})

/** Runs `parley webhook …` as a process of its own. */
async function webhook(args: string[], settings: Record<string, string> = {}) {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../main.ts'), 'webhook', ...args], {
    cwd: folder,
    env: {
      NODE_COMPILE_CACHE: compiled,
      TELEGRAM_BOT_TOKEN: fakeToken,
      TELEGRAM_API_ROOT: fake.root,
      TELEGRAM_WEBHOOK_URL: url,
      TELEGRAM_WEBHOOK_SECRET: secret,
      ...settings,
    },
  })
  let output = ''
  child.stdout.on('data', (data) => (output += String(data)))
  child.stderr.on('data', (data) => (output += String(data)))
  const code = await new Promise((resolve) => child.on('close', resolve))
  return { code, output }
}

const calls = (method: string) =>
  fake.bot(fakeToken).state.calls.filter((call) => call.method === method).length

describe('parley webhook', { timeout: 30_000 }, () => {
  test('set waits as long as it is told, and does nothing when all is right', async () => {
    const { state } = fake.bot(fakeToken)
    expect(await webhook(['verify'])).toMatchObject({
      code: 1,
      output: expect.stringContaining(`${programName} webhook set`),
    })
    // As if it had just been set by another process: Telegram then asks for a second of patience.
    state.nextWebhookSetAt = performance.now() + 2500
    const set = await webhook(['set'])
    expect(set).toMatchObject({ code: 0, output: expect.stringContaining('Webhook registered.') })
    expect(set.output).toContain('wait 1 s')
    expect(state.webhook).toMatchObject({ url, secret })
    const before = calls('setWebhook')
    expect(await webhook(['set', '--json'])).toEqual({ code: 0, output: '{\n  "changed": false\n}\n' })
    expect(calls('setWebhook')).toBe(before)
    expect(await webhook(['verify'])).toMatchObject({ code: 0 })
  })

  test('verify names what is wrong and the next step', async () => {
    const { state } = fake.bot(fakeToken)
    if (!state.webhook) throw new Error('no webhook')
    state.webhook.lastErrorDate = Math.floor(Date.now() / 1000)
    state.webhook.lastErrorMessage = 'Wrong response from the webhook: 401 Unauthorized'
    const refused = await webhook(['verify', '--json'])
    expect(refused.code).toBe(1)
    expect(JSON.parse(refused.output)).toMatchObject({
      ok: false,
      problems: [
        {
          problem: expect.stringContaining('401'),
          next: expect.stringContaining(`${programName} webhook set`),
        },
      ],
    })
    expect(await webhook(['set'])).toMatchObject({ code: 0, output: expect.stringContaining('registered') })
    const other = await webhook(['verify'], { TELEGRAM_WEBHOOK_URL: 'http://127.0.0.1:2/webhook/telegram' })
    expect(other).toMatchObject({ code: 1, output: expect.stringContaining('another address is registered') })
  })

  test('delete removes it once', async () => {
    expect(await webhook(['delete'])).toMatchObject({ code: 0, output: 'Webhook removed.\n' })
    expect(await webhook(['delete'])).toMatchObject({ code: 0, output: 'Nothing to do: there was none.\n' })
  })

  test('no token, a wrong token, a dead server: an error without the token', async () => {
    expect(await webhook(['verify'], { TELEGRAM_BOT_TOKEN: '', TELEGRAM_WEBHOOK_URL: '' })).toMatchObject({
      code: 2,
    })
    const wrong: [settings: Record<string, string>, said: RegExp][] = [
      [
        { TELEGRAM_BOT_TOKEN: fakeToken.replace('FAKE', 'FAKF') },
        /^Telegram refuses the token: .*\(TELEGRAM_TOKEN_REFUSED\)\n→ set TELEGRAM_BOT_TOKEN/,
      ],
      [
        { TELEGRAM_API_ROOT: 'http://127.0.0.1:1' },
        /^Telegram cannot be reached at 127\.0\.0\.1:1: .*\(TELEGRAM_UNREACHABLE\)\n→ check the network/,
      ],
    ]
    for (const command of ['verify', 'set'])
      for (const [settings, said] of wrong) {
        const { code, output } = await webhook([command], settings)
        expect(code).toBe(1)
        expect(output).toMatch(said)
        expect(output).not.toMatch(/FAK[EF]-TOKEN/)
      }
  })
})
