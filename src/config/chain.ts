import type { ModelConfig } from './config.ts'
import { splitList } from './overlay.ts'
import { priceOfModel } from './price.ts'
import { type Problem, show } from './problem.ts'
import { type ProviderDefaults, providers, providerNames } from './providers.ts'
import type { Settings } from './schema.ts'
import { describeSecret } from './secrets.ts'
import { suggest } from './suggest.ts'

type Values = ReadonlyMap<string, string>
type Links = NonNullable<Settings['models']['chain']>

/** The models in fallback order: AI_PROVIDER, else the file, else every provider with a key. */
export function modelChain(
  links: Links | undefined,
  values: Values,
): { chain: ModelConfig[]; problems: Problem[] } {
  const problems: Problem[] = []
  const models = splitList(values.get('AI_MODEL') ?? '')
  const prices = splitList(values.get('AI_PRICE') ?? '')
  const wanted = wantedProviders(links, values, problems)
  const chain = wanted.flatMap((entry, index) => {
    const link = { ...entry.link, model: models[index] || entry.link?.model }
    const model = modelOf(entry.defaults, link, values, entry.setting)
    const named = prices[index] ?? ''
    const priced = 'found' in model ? model : withPrice(model, entry.link, named)
    if ('provider' in priced) return [priced]
    problems.push(priced)
    return []
  })
  if (problems.length === 0) {
    if (models.length > wanted.length) problems.push(tooMany('AI_MODEL', 'a model', models, wanted))
    if (prices.length > wanted.length) problems.push(tooMany('AI_PRICE', 'a price', prices, wanted))
  }
  return { chain, problems: [...problems, ...keyProblems(values), ...addressProblems(values)] }
}

interface Wanted {
  setting: string
  defaults: ProviderDefaults
  link: Partial<Links[number]> | undefined
}

function wantedProviders(links: Links | undefined, values: Values, problems: Problem[]): Wanted[] {
  const named = values.get('AI_PROVIDER')
  if (named !== undefined) {
    return splitList(named).flatMap((name) => {
      const defaults = providers.find(({ provider }) => provider === name.toLowerCase())
      if (!defaults) problems.push(unknownProvider(name))
      return defaults
        ? [
            {
              setting: 'AI_PROVIDER',
              defaults,
              link: links?.find((link) => link.provider === defaults.provider),
            },
          ]
        : []
    })
  }
  return providers
    .flatMap((defaults): Wanted[] => {
      if (links) return []
      const isCompatible = defaults.provider === 'compatible'
      const setting = [isCompatible ? defaults.baseUrlName : defaults.key, defaults.key].find((name) =>
        values.has(name),
      )
      return setting === undefined ? [] : [{ setting, defaults, link: undefined }]
    })
    .concat(linked(links ?? []))
}

function linked(links: Links): Wanted[] {
  return links.flatMap((link) => {
    const defaults = providers.find(({ provider }) => provider === link.provider)
    return defaults ? [{ setting: 'models.chain', defaults, link }] : []
  })
}

function modelOf(
  defaults: ProviderDefaults,
  link: { model?: string | undefined; base_url?: string | undefined },
  values: Values,
  setting: string,
): Omit<ModelConfig, 'price'> | Problem {
  const { provider } = defaults
  const apiKey = values.get(defaults.key) ?? ''
  const baseUrl = (values.get(defaults.baseUrlName) ?? link.base_url)?.replace(/\/+$/, '')
  const model = link.model ?? defaults.model
  // The problem is that of the setting which is missing; who asks for it is in what was found.
  const missing = (name: string, expected: string): Problem => ({
    setting: name,
    found: `nothing, although ${setting} asks for ${provider}`,
    expected,
  })
  if (apiKey === '' && provider !== 'compatible')
    return missing(defaults.key, `the key of the provider, here or in ${defaults.key}_FILE`)
  if (baseUrl === undefined && provider === 'compatible')
    return missing(defaults.baseUrlName, 'the address of the endpoint, such as http://127.0.0.1:11434/v1')
  if (model === undefined) return missing('AI_MODEL', 'the name of a model that the endpoint knows')
  return { provider, model, apiKey, baseUrl }
}

function withPrice(
  model: Omit<ModelConfig, 'price'>,
  link: Wanted['link'],
  named: string,
): ModelConfig | Problem {
  const price = priceOfModel({ model, written: link?.price, named })
  return 'found' in price ? price : { ...model, price }
}

function unknownProvider(name: string): Problem {
  const near = suggest(name, providerNames)
  const hint = near ? `; did you mean "${near}"?` : ''
  return { setting: 'AI_PROVIDER', found: show(name), expected: `one of ${providerNames.join(', ')}${hint}` }
}

function tooMany(setting: string, what: string, given: string[], wanted: Wanted[]): Problem {
  const expected = `${what} for each of the providers (${wanted.map(({ defaults }) => defaults.provider).join(', ') || 'none'})`
  return { setting, found: show(given.join(', ')), expected }
}

/** A key that was pasted with a line break or quotes would only fail later, at the provider, with a riddle. */
function keyProblems(values: Values): Problem[] {
  return providers.flatMap(({ key }) => {
    const value = values.get(key)
    if (value === undefined || /^[\x21-\x7e]+$/.test(value)) return []
    return [
      { setting: key, found: describeSecret(value), expected: 'a key of visible characters, without spaces' },
    ]
  })
}

function addressProblems(values: Values): Problem[] {
  return providers.flatMap(({ baseUrlName }) => {
    const value = values.get(baseUrlName)
    if (value === undefined || (URL.canParse(value) && /^https?:\/\//.test(value))) return []
    return [
      { setting: baseUrlName, found: show(value), expected: 'an address such as https://example.com/v1' },
    ]
  })
}
