import { relative } from 'node:path'
import type { Config } from '../config/config.ts'
import type { LoadedConfig } from '../config/load.ts'
import { usdText } from '../model/money.ts'
import { readVersion } from '../ops/version.ts'
import { paint, print, printTable } from './terminal.ts'

/** What an operator wants to know after a start: where, who, and what is still missing. */
export function printBanner(address: string, loaded: LoadedConfig): void {
  const { config } = loaded
  const version = readVersion()
  print()
  print(`  ${paint('bold', `Parley ${version.version}`)}`)
  print()
  printTable([
    ...describeRole(config, address),
    ['Bot', describeBot(loaded)],
    ['Database', describeDatabase(config)],
    ...(config.redis ? [['Redis', `${new URL(config.redis.url).host}, prefix ${config.redis.prefix}`]] : []),
    ['Telegram', describeTelegram(config)],
    ['Models', describeModels(config)],
  ])
  for (const { found, next } of loaded.warnings)
    printTable([
      [paint('yellow', 'Warning'), found],
      ['', paint('dim', `→ ${next}`)],
    ])
  print()
  const seconds = ((Date.now() - version.startedAt) / 1000).toFixed(1)
  print(paint('dim', `  Ready after ${seconds} s. Ctrl+C stops it.`))
  print()
}

/** Where to look at it: processes without pages have their probes. */
function describeRole({ role }: Config, address: string): string[][] {
  const chat = ['Chat', paint('cyan', `${address}/chat`)]
  if (role === 'all') return [chat]
  return [['Role', role], role === 'api' ? chat : ['Health', paint('cyan', `${address}/health`)]]
}

function describeBot({ config, example, file }: LoadedConfig): string {
  const near = relative(process.cwd(), file)
  const from = near.startsWith('..') ? file : near
  const hint = example ? `no parley.yaml here, so the example ${from}; \`parley init\` makes your own` : from
  return `${config.bot.name} ${paint('dim', `(${hint})`)}`
}

function describeDatabase({ database }: Config): string {
  if (database.kind === 'sqlite') return `SQLite, ${relative(process.cwd(), database.path) || database.path}`
  const { hostname, port, pathname } = new URL(database.url)
  return `PostgreSQL, ${pathname.slice(1)} on ${hostname}${port ? `:${port}` : ''}`
}

function describeTelegram({ telegram }: Config): string {
  if (telegram === undefined) return missing('set TELEGRAM_BOT_TOKEN to the token from @BotFather')
  return telegram.webhookUrl === undefined ? 'polling' : `webhook at ${telegram.webhookUrl}`
}

function describeModels({ models }: Config): string {
  if (models.chain.length === 0)
    return missing('set ANTHROPIC_API_KEY, OPENAI_API_KEY or another; the FAQ works without')
  const names = models.chain.map(({ provider, model }) => `${provider}/${model}`).join(', then ')
  return `${names} ${paint('dim', `(${describeBudget(models)})`)}`
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
