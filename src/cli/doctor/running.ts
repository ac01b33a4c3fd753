import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../../config/config.ts'
import { fail, type Item, ok, warn } from './item.ts'

/** What the server on this machine says of itself. */
export async function checkRunning(
  address: string,
  { telegram, role }: Pick<Config, 'telegram' | 'role'>,
): Promise<Item[]> {
  const down = await patiently(() => downAt(address))
  const polls =
    telegram !== undefined && telegram.webhookUrl === undefined && role !== 'worker' && role !== 'api'
  const isTaken = /another program/.test(down.get('telegram') ?? '')
  const poller = isTaken
    ? [
        fail(
          'poller',
          down.get('telegram') ?? '',
          'stop the other; if you do not find it, take a new token from @BotFather (/revoke)',
        ),
      ]
    : polls
      ? [ok('poller', 'no other program fetches the messages')]
      : []
  const others = [...down].filter(([name]) => name !== 'telegram' || !isTaken)
  return [
    ...others.map(([name, detail]) => warn('running', `the server says ${name} is down: ${detail}`, advice)),
    ...(down.size === 0 ? [ok('running', 'the server says that all is well')] : []),
    ...poller,
    ...(await poolOf(address)),
  ]
}

const advice = 'the other checks say why, or else the log of the server'

/** Probes wait for nothing: on a busy machine what came too late is asked again. */
async function patiently(ask: () => Promise<Map<string, string>>): Promise<Map<string, string>> {
  for (let left = 3; ; left -= 1) {
    const down = await ask()
    if (left === 0 || ![...down.values()].includes('timeout')) return down
    await sleep(400)
  }
}

/** Its checks that are down, with what it tells about them. */
async function downAt(address: string): Promise<Map<string, string>> {
  const body: unknown = await ask(`${address}/health`).then((response) => response.json())
  const checks = typeof body === 'object' && body !== null && 'checks' in body ? body.checks : {}
  const down = Object.entries(checks as Record<string, { status?: string; detail?: string }>)
  return new Map(
    down.filter(([, { status }]) => status === 'down').map(([name, { detail }]) => [name, detail ?? '']),
  )
}

async function poolOf(address: string): Promise<Item[]> {
  const text = await ask(`${address}/metrics`).then((response) => response.text())
  const usage = Number(/^db_connection_pool_usage(?:\{[^}]*\})? (\S+)$/m.exec(text)?.[1] ?? 0)
  if (usage < 0.9) return []
  const found = `the server uses ${Math.round(usage * 100)} % of its connections`
  return [warn('pool', found, 'raise DATABASE_POOL_MAX, or look for slow statements (pg_stat_activity)')]
}

const ask = (url: string): Promise<Response> => fetch(url, { signal: AbortSignal.timeout(3000) })
