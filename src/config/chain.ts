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
    const missing = missingOf(entry, link, values)
    const model = modelOf(entry.defaults, link, values)
    const price = model && priceOfModel({ model, written: entry.link?.price, named: prices[index] ?? '' })
    problems.push(...missing, ...(price && 'found' in price ? [price] : []))
    return missing.length === 0 && model && price && !('found' in price) ? [{ ...model, price }] : []
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

interface Named {
  model?: string | undefined
  base_url?: string | undefined
}

/** What a model must have and has not. The problem is that of the setting which is missing; who asks for it is in what was found. */
function missingOf({ defaults, setting }: Wanted, link: Named, values: Values): Problem[] {
  const { provider, key, baseUrlName, model } = defaults
  const missing = (name: string, expected: string): Problem => ({
    setting: name,
    found: `nothing, although ${setting} asks for ${provider}`,
    expected,
  })
  const isOwn = provider === 'compatible'
  const hasAddress = values.has(baseUrlName) || link.base_url !== undefined
  return [
    ...(isOwn || values.has(key) ? [] : [missing(key, `the key of the provider, here or in ${key}_FILE`)]),
    ...(!isOwn || hasAddress
      ? []
      : [missing(baseUrlName, 'the address of the endpoint, such as http://127.0.0.1:11434/v1')]),
    ...((link.model ?? model) === undefined
      ? [missing('AI_MODEL', 'the name of a model that the endpoint knows')]
      : []),
  ]
}

/** `undefined` where not enough is known for a price: that would be one problem more without a reason of its own. */
function modelOf(
  defaults: ProviderDefaults,
  link: Named,
  values: Values,
): Omit<ModelConfig, 'price'> | undefined {
  const { provider } = defaults
  const address = values.get(defaults.baseUrlName) ?? link.base_url
  const model = link.model ?? defaults.model
  if (model === undefined || (provider === 'compatible' && !isAddress(address))) return undefined
  return { provider, model, apiKey: values.get(defaults.key) ?? '', baseUrl: address?.replace(/\/+$/, '') }
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
    if (value === undefined || isAddress(value)) return []
    return [
      { setting: baseUrlName, found: show(value), expected: 'an address such as https://example.com/v1' },
    ]
  })
}

const isAddress = (text: string | undefined): boolean =>
  text !== undefined && URL.canParse(text) && /^https?:\/\//i.test(text)
