import { Agent, request } from 'undici'
import { readRunning, type Running } from '../../app/running.ts'
import type { TelegramConfig } from '../../config/config.ts'
import { checkCertificate } from './certificate.ts'
import { judgeDate } from './clock.ts'
import { checkName } from './dns.ts'
import { fail, type Item, ok, reasonOf, skip, within } from './item.ts'
import { judgeVersion } from './version.ts'

export interface PublicNeeds {
  /** Where people and platforms come in; `undefined`: not known. */
  address: URL | undefined
  telegram: TelegramConfig | undefined
  /** The version that should run there. */
  expected: string | undefined
  now: number
}

const timeoutMs = 5000

/** The way from outside: name, certificate, and that it is this version of Parley, with this secret, that answers. */
export async function checkPublic({ address, telegram, expected, now }: PublicNeeds): Promise<Item[]> {
  if (address === undefined) return [skip('address', 'no public one known; --url names it')]
  const [name] = await within(4000, 'dns', 'check the name servers of this machine', async () => [
    await checkName(address),
  ])
  if (name?.status !== 'ok')
    return [
      ...(name ? [name] : []),
      skip('certificate', 'not asked: no address'),
      skip('address', 'not asked: no address'),
    ]
  const certificate =
    address.protocol === 'https:'
      ? await checkCertificate(address, now)
      : skip('certificate', `${address.protocol}//, without TLS`)
  // What is wrong with the certificate is said already: this looks behind it, and tells nothing.
  const agent = new Agent({ connect: { rejectUnauthorized: false, timeout: timeoutMs } })
  try {
    const { items, isOurs } = await askVersion(address, expected, agent)
    const isProven = certificate.status === 'ok' || certificate.status === 'warn'
    const secret = isOurs && telegram?.webhookUrl ? [await askSecret(telegram, address, isProven)] : []
    return [name, certificate, ...items, ...secret]
  } finally {
    await agent.destroy()
  }
}

const secretName = 'webhook secret'

/** Told only to the very host whose certificate was found good, over a connection that looks at it again. */
async function askSecret(telegram: TelegramConfig, asked: URL, isProven: boolean): Promise<Item> {
  const { host } = new URL(telegram.webhookUrl ?? '')
  if (host !== asked.host)
    return skip(secretName, `not told: the webhook is at ${host}, not at ${asked.host}`)
  if (!isProven) return skip(secretName, `not told: no good certificate proves that it is ${host}`)
  const agent = new Agent({ connect: { timeout: timeoutMs } })
  return trySecret(telegram, agent).finally(() => agent.destroy())
}

interface Asked {
  items: Item[]
  isOurs: boolean
}

async function askVersion(address: URL, expected: string | undefined, agent: Agent): Promise<Asked> {
  const { origin } = address
  const failed = (found: string, next: string): Asked => ({
    items: [fail('address', found, next)],
    isOurs: false,
  })
  const asked = Date.now()
  const answer = await get(`${origin}/api/version`, agent)
  if ('reason' in answer)
    return failed(
      `${origin} does not answer: ${answer.reason}`,
      'start what ends TLS there (nginx, ingress) and let it in through the firewall',
    )
  const { status, body, date } = answer
  if (status >= 502 && status <= 504)
    return failed(
      `${origin} answers ${status}: there is no Parley behind it`,
      'parley start, or let the proxy lead to its HOST and PORT',
    )
  const running = readRunning(body)
  if (running === undefined)
    return failed(
      `another program answers at ${origin} (HTTP ${status})`,
      'let the proxy lead every path there to HOST and PORT of Parley',
    )
  const answered = Date.now()
  const others = expected === undefined ? [] : await askAgain(origin, agent)
  return {
    items: [
      ok('address', `Parley answers at ${origin}`),
      judgeVersion([running, ...others], expected, origin),
      ...judgeDate({ name: 'address clock', whose: address.host }, date, asked, answered),
    ],
    isOurs: true,
  }
}

/** Several processes may answer behind one address, an old one among them. */
const questions = 5

async function askAgain(origin: string, agent: Agent): Promise<(Running | string)[]> {
  const answers = await Promise.all(
    Array.from({ length: questions - 1 }, () => get(`${origin}/api/version`, agent)),
  )
  return answers.map((answer) =>
    'reason' in answer ? answer.reason : (readRunning(answer.body) ?? `HTTP ${answer.status}`),
  )
}

type Answer = { status: number; body: unknown; date: string | undefined } | { reason: string }

async function get(url: string, agent: Agent): Promise<Answer> {
  try {
    const limits = { headersTimeout: timeoutMs, bodyTimeout: timeoutMs }
    // A connection of its own: one that is kept leads to the same process again.
    const options = { dispatcher: agent, reset: true, ...limits }
    const { statusCode: status, headers, body } = await request(url, options)
    const text = await body.text()
    const { date } = headers
    return { status, body: jsonOf(text), date: typeof date === 'string' ? date : undefined }
  } catch (error) {
    return { reason: reasonOf(error) }
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // A page of a proxy.
  }
}

/** An empty body is refused, after the secret was looked at and before anything is stored. */
async function trySecret(
  { webhookUrl = '', webhookSecret = '' }: TelegramConfig,
  agent: Agent,
): Promise<Item> {
  const name = secretName
  try {
    const { statusCode, body } = await request(webhookUrl, {
      method: 'POST',
      headers: { 'x-telegram-bot-api-secret-token': webhookSecret, 'content-type': 'application/json' },
      dispatcher: agent,
      headersTimeout: timeoutMs,
    })
    await body.dump()
    if (statusCode === 400) return ok(name, 'the running server has the same')
    if (statusCode === 401)
      return fail(
        name,
        'the running server has another TELEGRAM_WEBHOOK_SECRET than this configuration',
        'set the same one for both, and restart the server, which registers it with Telegram',
      )
    if (statusCode === 404)
      return fail(
        name,
        `${webhookUrl} is no webhook of Parley (HTTP 404)`,
        'correct the path of TELEGRAM_WEBHOOK_URL, or let the proxy lead it to /webhook/telegram',
      )
    return skip(name, `not told: the webhook answers ${statusCode}`)
  } catch (error) {
    return skip(name, `not told: ${reasonOf(error)}`)
  }
}
