import { isDeepStrictEqual } from 'node:util'
import type { Config, ModelConfig } from '../../config/config.ts'
import { listPrice, pricesReadOn } from '../../config/prices.ts'
import { dayOf } from '../../model/calendar.ts'
import { microPerUsd, usdText } from '../../model/money.ts'
import { isExhausted, type Store } from '../../store/store.ts'
import { type Item, ok, warn } from './item.ts'

/** What the configured models may cost. */
export function checkBudget({ models: { chain, budget }, timezone }: Config): Item[] {
  if (chain.length === 0) return []
  if (budget.dailyMicroUsd === 0) {
    const next = 'set models.budget.daily, or LLM_DAILY_BUDGET_USD'
    return [warn('budget', '0 USD a day: no model that costs anything is asked', next)]
  }
  const limit = `${usdText(budget.dailyMicroUsd)} USD a day (${timezone})`
  const prices = 'USD for a million tokens of input/cached input/output'
  return [ok('budget', `${limit}; ${prices}: ${chain.map(describe).join(', ')}`)]
}

/** Whether a call did not fit into what is left of today. */
export async function checkSpending(
  { models: { budget }, timezone }: Config,
  store: { read: { budget: Pick<Store['read']['budget'], 'day'> } },
  now: number,
): Promise<Item[]> {
  const today = await store.read.budget.day(dayOf(now, timezone))
  if (!today || !isExhausted(today, budget.dailyMicroUsd)) return []
  const spent = `${usdText(today.spentMicroUsd)} of ${usdText(budget.dailyMicroUsd)} USD`
  const found = `${spent} are spent today, and a call did not fit into the rest: until midnight (${timezone}) models that cost are asked where it fits only`
  return [warn('spending', found, 'raise models.budget.daily, or wait')]
}

/** `openai/gpt-4o 2.5/1.25/10`, and whether that is the list price. */
function describe({ provider, model, price }: ModelConfig): string {
  const figures = [price.input, price.cachedInput, price.output]
  const cost = figures.every((figure) => figure === 0)
    ? 'free'
    : figures.map((figure) => figure / microPerUsd).join('/')
  const isListed = isDeepStrictEqual(price, listPrice(provider, model))
  return `${provider}/${model} ${cost}${isListed ? ` (list price of ${pricesReadOn})` : ''}`
}
