import { relative } from 'node:path'
import type { App } from '../app.ts'
import { dutiesOf } from '../app/duties.ts'
import type { Config, RedisConfig } from '../config/config.ts'
import type { LoadedConfig } from '../config/load.ts'
import { usdText } from '../model/money.ts'
import { readVersion } from '../ops/version.ts'
import { paint, print, printTable } from './terminal.ts'

type ChannelReport = ReturnType<ReturnType<App['channels']>['get']>

interface Known {
  readyAfterMs: number
  /** Redis answers, where there is one. */
  reachesOthers: boolean
}

/** What an operator wants to know after a start: where, who, and what is still missing. */
export function printBanner(
  app: Pick<App, 'address' | 'channels'>,
  loaded: LoadedConfig,
  { readyAfterMs, reachesOthers }: Known,
): void {
  const { address } = app
  const { config } = loaded
  const version = readVersion()
  print()
  print(`  ${paint('bold', `Parley ${version.version}`)}`)
  print()
  printTable([
    ...describeRole(config, address),
    ['Bot', describeBot(loaded)],
    ['Database', describeDatabase(config)],
    ...(config.redis ? [['Redis', describeRedis(config.redis, reachesOthers)]] : []),
    ['Telegram', describeTelegram(config, app.channels().get('telegram'))],
    ['Models', describeModels(config)],
    ...loaded.warnings.flatMap(({ found, next }) => [
      [paint('yellow', 'Warning'), found],
      ['', paint('dim', `→ ${next}`)],
    ]),
  ])
  print()
  print(paint('dim', `  Ready after ${(readyAfterMs / 1000).toFixed(1)} s. Ctrl+C stops it.`))
  print()
}

/** Where to look at it: processes without pages have their probes. */
function describeRole({ role }: Config, address: string): string[][] {
  const chat = ['Chat', paint('cyan', `${address}/chat`)]
  if (role === 'all') return [chat]
  return [['Role', role], role === 'api' ? chat : ['Health', paint('cyan', `${address}/health`)]]
}

function describeBot({ config, example, file }: LoadedConfig): string {
  const from = nearby(file)
  const hint = example ? `no parley.yaml here, so the example ${from}; \`parley init\` makes your own` : from
  return `${config.bot.name} ${paint('dim', `(${hint})`)}`
}

/** A path as somebody here would write it. */
function nearby(path: string): string {
  const near = relative(process.cwd(), path)
  return near.startsWith('..') ? path : near
}

function describeDatabase({ database }: Config): string {
  if (database.kind === 'sqlite') return `SQLite, ${nearby(database.path)}`
  const { hostname, port, pathname } = new URL(database.url)
  return `PostgreSQL, ${pathname.slice(1)} on ${hostname}${port ? `:${port}` : ''}`
}

function describeRedis({ url, prefix }: RedisConfig, isUp: boolean): string {
  const place = `${new URL(url).host}, prefix ${prefix}`
  if (isUp) return place
  return `${paint('red', 'not reachable')}: ${place} ${paint('dim', '(the sweep finds the work meanwhile; parley doctor tries it)')}`
}

function describeTelegram({ telegram, role }: Config, status: ChannelReport): string {
  if (telegram === undefined) return missing('set TELEGRAM_BOT_TOKEN to the token from @BotFather')
  if (status?.state === 'down') return `${paint('red', 'not working')}: ${status.detail}`
  const polling = dutiesOf[role].fetches ? 'polling' : 'polling, by a process of the role poller'
  const how = telegram.webhookUrl === undefined ? polling : `webhook at ${telegram.webhookUrl}`
  return status?.state === 'starting' ? `${how} ${paint('dim', `(${status.detail})`)}` : how
}

function describeModels({ models }: Config): string {
  if (models.chain.length === 0)
    return missing('set ANTHROPIC_API_KEY, OPENAI_API_KEY or another; the FAQ works without')
  const names = models.chain.map(({ provider, model }) => `${provider}/${model}`).join(', then ')
  return `${names} ${paint('dim', `(${describeBudget(models)}; parley doctor tries the key)`)}`
}

/** Whether money is at stake, and how much: a model that is wrongly taken to be free is to be noticed here. */
function describeBudget({ chain, budget }: Config['models']): string {
  const free = chain.filter(({ price }) => price.input + price.output === 0)
  const names = free.map(({ provider, model }) => `${provider}/${model}`).join(', ')
  if (free.length === chain.length) return 'free of charge; AI_PRICE or models.chain says otherwise'
  const most = `at most ${usdText(budget.dailyMicroUsd)} USD a day`
  return free.length === 0 ? most : `${most}; ${names} free of charge`
}

function missing(next: string): string {
  return `${paint('yellow', 'not configured')} ${paint('dim', `(${next})`)}`
}
