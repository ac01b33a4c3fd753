import type { Price, Provider } from './config.ts'

/** When the lists below were read. */
export const pricesReadOn = '2026-11-26'

/** What one provider asks for tokens, in USD for a million: input, input from its cache, output. */
interface PriceList {
  /** Where the figures are from. */
  source: string
  /** Each with the models that cost so much. */
  prices: [price: [...Figures, long?: Long], ...models: string[]][]
}

type Figures = [input: number, cachedInput: number, output: number]
/** For prompts of more than so many tokens. */
type Long = { above: number; figures: Figures }

const above = (tokens: number, ...figures: Figures): Long => ({ above: tokens, figures })

/**
 * List prices of text. Where a price depends on the hour (DeepSeek) or on a sale that ends (Gemini 3.8 Flash, LongCat),
 * the dearest one stands here: a budget counts too much rather than too little.
 */
const lists: Record<Exclude<Provider, 'compatible'>, PriceList> = {
  anthropic: {
    source: 'https://platform.claude.com/docs/en/about-claude/pricing',
    prices: [
      [[10, 0.25, 50], 'claude-fable-5-1'],
      [[10, 1, 50], 'claude-fable-5'],
      [[4, 0.2, 20], 'claude-opus-5-5'],
      [
        [5, 0.5, 25],
        'claude-opus-5',
        'claude-opus-4-8',
        'claude-opus-4-7',
        'claude-opus-4-6',
        'claude-opus-4-5',
      ],
      [[15, 1.5, 75], 'claude-opus-4-1'],
      [[2, 0.1, 10], 'claude-sonnet-5-5'],
      [[2, 0.2, 10], 'claude-sonnet-5'],
      [[3, 0.3, 15], 'claude-sonnet-4-6'],
      [[3, 0.3, 15, above(200_000, 6, 0.6, 22.5)], 'claude-sonnet-4-5'],
      [[0.1, 0.01, 0.5, above(100_000, 0.5, 0.05, 2.5)], 'claude-haiku-5-5'],
      [[1, 0.1, 5], 'claude-haiku-4-5'],
    ],
  },
  openai: {
    source: 'https://developers.openai.com/api/docs/pricing',
    prices: [
      [[2, 0.2, 12, above(272_000, 4, 0.4, 18)], 'gpt-5.6-terra'],
      [[0.2, 0.02, 1.2, above(272_000, 0.4, 0.04, 1.8)], 'gpt-5.6-luna'],
      [[5, 0.5, 30, above(272_000, 10, 1, 45)], 'gpt-5.5'],
      [[2.5, 0.25, 15, above(272_000, 5, 0.5, 22.5)], 'gpt-5.4'],
      [[0.75, 0.075, 4.5], 'gpt-5.4-mini'],
      [[0.2, 0.02, 1.25], 'gpt-5.4-nano'],
      [[1.75, 0.175, 14], 'gpt-5.2'],
      [[1.25, 0.125, 10], 'gpt-5.1', 'gpt-5'],
      [[0.25, 0.025, 2], 'gpt-5-mini'],
      [[0.05, 0.005, 0.4], 'gpt-5-nano'],
      [[2, 0.5, 8], 'gpt-4.1'],
      [[0.4, 0.1, 1.6], 'gpt-4.1-mini'],
      [[0.1, 0.025, 0.4], 'gpt-4.1-nano'],
      [[2.5, 1.25, 10], 'gpt-4o'],
      [[0.15, 0.075, 0.6], 'gpt-4o-mini'],
    ],
  },
  google: {
    source: 'https://ai.google.dev/gemini-api/docs/pricing',
    prices: [
      [[1.5, 0.15, 7.5], 'gemini-3.8-flash'],
      [[1.5, 0.15, 9], 'gemini-3.5-flash'],
      [[0.3, 0.03, 2.5], 'gemini-3.5-flash-lite', 'gemini-2.5-flash'],
      [[2, 0.2, 12, above(200_000, 4, 0.4, 18)], 'gemini-3.1-pro'],
      [[0.25, 0.025, 1.5], 'gemini-3.1-flash-lite'],
      [[0.5, 0.05, 3], 'gemini-3-flash'],
      [[1.25, 0.125, 10, above(200_000, 2.5, 0.25, 15)], 'gemini-2.5-pro'],
      [[0.1, 0.01, 0.4], 'gemini-2.5-flash-lite'],
    ],
  },
  deepseek: {
    source: 'https://api-docs.deepseek.com/quick_start/pricing (peak hours)',
    prices: [
      [[0.3, 0.006, 1.2], 'deepseek-flash', 'deepseek-v4-flash'],
      [[1.32, 0.044, 3.96], 'deepseek-v4-pro'],
    ],
  },
  longcat: {
    source: 'https://longcat.chat/platform/docs/pricing (without the sale)',
    prices: [
      // LongCat-Flash-Chat is given away from a daily quota, without a list price: counted like the dearest.
      [[0.75, 0.015, 2.95], 'LongCat-2.0', 'LongCat-Flash-Chat'],
    ],
  },
}

/** Providers name a model of a certain day by a suffix; it costs what the model costs. */
const edition = /(-\d{8}|-\d{4}-\d{2}-\d{2}|-latest|-preview(-\d{2}-\d{4}|-\d{2}-\d{2})?)$/

/** The list price of a model, or `undefined` when this version does not know it. */
export function listPrice(provider: Provider, model: string): Price | undefined {
  if (provider === 'compatible') return undefined
  const { prices } = lists[provider]
  const name = model.replace(/^models\//, '')
  const figuresOf = (wanted: string) => prices.find(([, ...models]) => models.includes(wanted))?.[0]
  const figures = figuresOf(name) ?? figuresOf(name.replace(edition, ''))
  return figures && toPrice(figures)
}

/** The models whose list price this version knows. */
export const pricedModels = (provider: Provider): string[] =>
  provider === 'compatible' ? [] : lists[provider].prices.flatMap(([, ...models]) => models)

export const freePrice: Price = { input: 0, cachedInput: 0, output: 0 }

/** USD for a million tokens as micro-dollars. */
export const priceOf = (input: number, cachedInput: number, output: number): Price => ({
  input: micro(input),
  cachedInput: micro(cachedInput),
  output: micro(output),
})

const micro = (usd: number): number => Math.ceil(Math.round(usd * 1e9) / 1000)

function toPrice([input, cachedInput, output, long]: [...Figures, long?: Long]): Price {
  const price = priceOf(input, cachedInput, output)
  return long ? { ...price, long: { above: long.above, ...priceOf(...long.figures) } } : price
}
