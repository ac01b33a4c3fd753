import type { ModelConfig, Price } from './config.ts'
import { isNearby } from './nearby.ts'
import { freePrice, listPrice, pricedModels, priceOf } from './prices.ts'
import type { Problem } from './problem.ts'
import type { Settings } from './schema.ts'
import { nearestTo } from './suggest.ts'

/** A price as parley.yaml has it. */
type WrittenPrice = NonNullable<NonNullable<Settings['models']['chain']>[number]['price']>

interface Priced {
  model: Omit<ModelConfig, 'price'>
  /** Of the file. */
  written: WrittenPrice | undefined
  /** Of AI_PRICE, which beats the file; empty when it says nothing about this model. */
  named: string
}

/**
 * What a model costs: as the environment says, else as the file says, else as its provider's list says. A model of
 * one's own, without a key and on an address that only the own network reaches, costs nothing. No model without a
 * price: there would be no budget.
 */
export function priceOfModel({ model, written, named }: Priced): Price | Problem {
  const { provider, apiKey, baseUrl } = model
  if (named !== '') return parsePrice(named) ?? { setting: 'AI_PRICE', found: `"${named}"`, expected: form }
  if (written === 'free') return freePrice
  if (written) return priceOf(written.input, written.cached_input ?? written.input, written.output)
  const listed = listPrice(provider, model.model)
  if (listed) return listed
  if (provider === 'compatible' && apiKey === '' && isNearby(baseUrl)) return freePrice
  return {
    setting: 'AI_PRICE',
    found: `nothing for ${provider}/${model.model}, whose price Parley does not know`,
    expected: `its price here, or as price in models.chain: ${form}${knownNames(provider, model.model)}`,
  }
}

/** A name that is misspelt has no price either. */
function knownNames(provider: ModelConfig['provider'], name: string): string {
  const near = nearestTo(name, pricedModels(provider), namesShown)
  return near.length === 0 ? '' : `. Is the name right? Known: ${near.join(', ')}, …`
}

const namesShown = 3

const form =
  'input/cached input/output in USD for a million tokens, such as 0.75/0.075/4.50; or free when it costs nothing'

/** `free`, `3/15` or `3/0.3/15`; `undefined` when it is neither, or the cached input is the dearer one. */
function parsePrice(text: string): Price | undefined {
  if (text === 'free') return freePrice
  const figures = /^(\d{1,5}(?:\.\d{1,6})?)(?:\/(\d{1,5}(?:\.\d{1,6})?))?\/(\d{1,5}(?:\.\d{1,6})?)$/.exec(
    text,
  )
  if (!figures) return undefined
  const [, input, cached = input, output] = figures
  const price = priceOf(Number(input), Number(cached), Number(output))
  return price.cachedInput <= price.input ? price : undefined
}
