import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../../config/config.ts'
import { fail, type Item, ok, skip, warn } from './item.ts'

/** What the server on this machine says of itself. */
export async function checkRunning(address: string, { telegram }: Pick<Config, 'telegram'>): Promise<Item[]> {
  const checks = await patiently(() => checksAt(address))
  const polls = telegram !== undefined && telegram.webhookUrl === undefined
  const poller = judgePoller(polls, checks.get('telegram'))
  const down = [...checks].filter(([, { status }]) => status === 'down')
  const others = down.filter(([name]) => name !== 'telegram' || poller[0]?.status !== 'fail')
  return [
    ...others.map(([name, { detail }]) =>
      warn('running', `the server says ${name} is down: ${detail}`, advice),
    ),
    ...(checks.size === 0 ? [skip('running', 'not told: /health of the server names no checks')] : []),
    ...(checks.size > 0 && down.length === 0 ? [ok('running', 'the server says that all is well')] : []),
    ...poller,
    ...(await poolOf(address)),
  ]
}

const advice = 'the other checks say why, or else the log of the server'

/** Only the process that fetches the messages knows whether another program does: its role may be an argument of it alone. */
function judgePoller(polls: boolean, { status, detail } = { status: 'up', detail: 'no Telegram' }): Item[] {
  if (detail.startsWith('another program'))
    return [
      fail(
        'poller',
        detail,
        'stop the other; if you do not find it, take a new token from @BotFather (/revoke)',
      ),
    ]
  // Why it is down is told already.
  if (!polls || status === 'down') return []
  return [
    detail === 'polling'
      ? ok('poller', 'no other program fetches the messages')
      : skip(
          'poller',
          `not told: this process does not fetch the messages (${detail}), ask the one that does: ${places}`,
        ),
  ]
}

const places =
  'in Kubernetes deployment/parley-poller, with compose poller or second; else at its port: parley doctor --port 8001 with systemd, 8003 as in docs/guides/scaling.md'

/** Probes wait for nothing: on a busy machine what came too late is asked again. */
async function patiently(ask: () => Promise<Map<string, Check>>): Promise<Map<string, Check>> {
  for (let left = 3; ; left -= 1) {
    const checks = await ask()
    if (left === 0 || ![...checks.values()].some(({ detail }) => detail === 'timeout')) return checks
    await sleep(400)
  }
}

interface Check {
  status: string
  detail: string
}

/** Its checks, with what it tells about them. */
async function checksAt(address: string): Promise<Map<string, Check>> {
  const body: unknown = await ask(`${address}/health`).then((response) => response.json())
  const checks = typeof body === 'object' && body !== null && 'checks' in body ? body.checks : {}
  return new Map(
    Object.entries(checks as Record<string, Partial<Check>>).map(
      ([name, { status = '', detail = '' }]): [string, Check] => [name, { status, detail }],
    ),
  )
}

async function poolOf(address: string): Promise<Item[]> {
  const text = await ask(`${address}/metrics`).then((response) => response.text())
  const [, told] = /^db_connection_pool_usage(?:\{[^}]*\})? (\S+)$/m.exec(text) ?? []
  if (told === undefined)
    return [skip('pool', 'not told: /metrics of the server does not name its connections')]
  const usage = Number(told)
  if (usage < 0.9) return []
  const found = `the server uses ${Math.round(usage * 100)} % of its connections`
  return [warn('pool', found, 'raise DATABASE_POOL_MAX, or look for slow statements (pg_stat_activity)')]
}

const ask = (url: string): Promise<Response> => fetch(url, { signal: AbortSignal.timeout(3000) })
