import { Command } from 'commander'
import type { Config } from '../config/config.ts'
import { dayOf } from '../model/calendar.ts'
import { microPerUsd, usdText } from '../model/money.ts'
import { type BudgetDay, isExhausted } from '../store/store.ts'
import { type ConfigOptions, configOption } from './configuration.ts'
import { paint, print, printJson, printTable } from './terminal.ts'
import { withStore } from './with-store.ts'

interface Options extends ConfigOptions {
  json?: boolean
}

const daysShown = 7
const dayMs = 86_400_000

export function budgetCommand(): Command {
  return new Command('budget')
    .description('Shows what models cost today and in the last seven days, by all processes together.')
    .addOption(configOption())
    .option('--json', 'for machines')
    .action(showBudget)
}

function showBudget({ json, ...options }: Options): Promise<void> {
  return withStore(options, async (store, config) => {
    const names = lastDays(dayOf(Date.now(), config.timezone))
    const found = new Map((await store.read.budget.latest(names.length)).map((one) => [one.day, one]))
    const days = names.map((day) => found.get(day) ?? { ...nothing, day })
    if (json) printJson(forMachines(config, days))
    else report(config, days)
  })
}

const nothing = {
  spentMicroUsd: 0,
  reservedMicroUsd: 0,
  calls: 0,
  inputTokens: 0,
  outputTokens: 0,
  exhaustedMicroUsd: 0,
}

/** Today and the seven days before it, the latest first. */
const lastDays = (today: string): string[] =>
  Array.from({ length: daysShown + 1 }, (_, ago) =>
    new Date(Date.parse(today) - ago * dayMs).toISOString().slice(0, 10),
  )

const isExhaustedToday = ([today]: BudgetDay[], limit: number): boolean =>
  today !== undefined && isExhausted(today, limit)

function forMachines({ timezone, models: { budget } }: Config, days: BudgetDay[]): object {
  const [today, ...before] = days.map((one) => ({
    day: one.day,
    spentUsd: one.spentMicroUsd / microPerUsd,
    reservedUsd: one.reservedMicroUsd / microPerUsd,
    calls: one.calls,
    inputTokens: one.inputTokens,
    outputTokens: one.outputTokens,
  }))
  const limitUsd = budget.dailyMicroUsd / microPerUsd
  return { timezone, limitUsd, exhausted: isExhaustedToday(days, budget.dailyMicroUsd), today, days: before }
}

function report({ timezone, models: { budget } }: Config, days: BudgetDay[]): void {
  const limit = budget.dailyMicroUsd
  const [today] = days
  const left = Math.max(0, limit - (today?.spentMicroUsd ?? 0) - (today?.reservedMicroUsd ?? 0))
  print(`Limit ${usdText(limit)} USD a day (${timezone}), ${usdText(left)} left today`)
  if (isExhaustedToday(days, limit))
    print(
      'A call did not fit into that: until midnight, or a higher limit, models that cost are asked where it fits only.',
    )
  print()
  printTable([
    ['Day', 'Spent', 'Reserved', 'Calls', 'Tokens in', 'Tokens out'].map((head) => paint('dim', head)),
    ...days.map((one) => [
      one.day,
      usdText(one.spentMicroUsd),
      usdText(one.reservedMicroUsd),
      ...[one.calls, one.inputTokens, one.outputTokens].map((count) => count.toLocaleString('en')),
    ]),
  ])
}
