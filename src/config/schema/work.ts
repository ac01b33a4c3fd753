import { z } from 'zod'
import { providerNames } from '../providers.ts'
import { address, amount, duration, oneOf, text, whole } from '../kinds.ts'

const provider = z
  .enum(providerNames, `one of ${providerNames.join(', ')}`)
  .meta({ type: `one of ${providerNames.join(', ')}` })

const usd = amount(0, 10_000)

const priceForm =
  'free, or { input, cached_input, output } in USD for a million tokens, cached_input at most input'

const price = z
  .union(
    [
      z.literal('free'),
      z
        .strictObject({ input: usd, cached_input: usd.optional(), output: usd })
        .refine(({ input, cached_input: cached = input }) => cached <= input, priceForm),
    ],
    priceForm,
  )
  .meta({ type: 'free, or `{ input, cached_input, output }` in USD for a million tokens' })

const link = z.strictObject({
  provider: provider.describe('Its key comes from the environment (`ANTHROPIC_API_KEY` and the like).'),
  model: text(200).optional().describe("The model's name; the provider's default when not set."),
  base_url: address().optional().describe("Address of the API; the provider's own when not set."),
  price: price
    .optional()
    .describe(
      "What its tokens cost; the provider's list price when not set. Needed where Parley knows none, except for a model without a key on the own network, which is free.",
    ),
})

export const modelsSchema = z
  .strictObject({
    chain: z
      .array(link, 'a list of models')
      .min(1, 'at least one model')
      .max(10, 'at most 10 models')
      .optional()
      .describe('Models in fallback order; every provider with a key when not set.'),
    max_output_tokens: whole(16, 32_000).default(500).describe('The longest answer of a model, in tokens.'),
    // Below the time after which the pipeline gives a turn up, with room for a summary before the answer.
    timeout: duration('1s', '4m')
      .default(30_000)
      .describe(
        'For one answer: all models, tries and waits together. The last model may be silent for all of it; one before it is given up after two fifths. A turn ends after five minutes, whatever it does.',
      ),
    tries: whole(1, 10)
      .default(3)
      .describe(
        'Tries of one answer, all models together and as far as the timeout allows. Each model has one, and what is left goes to the first that can be tried again.',
      ),
    retry_share: amount(0, 1)
      .default(0.05)
      .describe(
        "Of a provider's calls, the part that may be tries repeated, over a reserve of ten that comes back at one in ten seconds. What is over it goes to the next model, or is answered without one.",
      ),
    breaker: z
      .strictObject({
        failures: whole(1, 1000)
          .default(3)
          .describe('Calls that fail in a row, all tries included, after which a model is left alone.'),
        rest: duration('0ms', '1h')
          .default(30_000)
          .describe('For how long; then one call at a time tries whether it is well.'),
      })
      .prefault({}),
    backoff: z
      .strictObject({
        first: duration('0ms', '1m').default(2000).describe('Wait before the second try.'),
        longest: duration('0ms', '10m').default(10_000).describe('The longest wait.'),
      })
      .prefault({}),
    context_tokens: whole(500, 1_000_000)
      .default(8000)
      .describe('The longest prompt; the oldest messages are dropped.'),
    budget: z
      .strictObject({
        daily: amount(0, 1_000_000)
          .default(100)
          .describe(
            'The most that models may cost on one calendar day, in USD; 0 asks none that costs anything.',
          ),
        warn_at: amount(0.01, 1)
          .default(0.8)
          .describe('The part of it at which the team is warned, once a day.'),
      })
      .prefault({}),
  })
  .prefault({})

export const deliverySchema = z
  .strictObject({
    uncertain: oneOf('resend', 'hold')
      .default('resend')
      .describe(
        'What to do with a reply that may have arrived: its sender died before recording it, or the platform gave no answer that tells.',
      ),
    max_tries: whole(1, 50)
      .default(8)
      .describe(
        'Sends of one reply before it is a dead letter. While the platform takes nothing from anybody they do not count, those that may have arrived for six hours.',
      ),
  })
  .prefault({})

export const pipelineSchema = z
  .strictObject({
    concurrency: whole(1, 10_000)
      .default(100)
      .describe('Turns, and separately deliveries, worked on at once.'),
    // Longer ones are taken for those of a clock put back, by a process to which another length is still set.
    lease: duration('1s', '1m')
      .default(5000)
      .describe('How long work is reserved for a process without a sign of life.'),
    sweep: duration('100ms', '10m').default(1000).describe('How often forgotten work is looked for.'),
    max_waiting: whole(10, 1_000_000)
      .default(2000)
      .describe(
        'Messages without an answer, of all processes together, with which no more are accepted; replies Telegram did not get yet count there as well.',
      ),
    max_delay: duration('50ms', '1m')
      .default(500)
      .describe('Nor are they by a process that comes to its work later than this most of the time.'),
    max_turn_tries: whole(1, 50).default(8).describe('Tries of one turn before its messages are set aside.'),
  })
  .prefault({})
