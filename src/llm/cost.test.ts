import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { boundOf, chargedUsage, costOf, isFree, type Price, worstCost } from './cost.ts'
import type { LlmMessage } from './llm.ts'

const price: Price = { input: 1_000_000, cachedInput: 100_000, output: 5_000_000 }
const requestOf = (texts: string[], system = '') => ({
  system,
  messages: texts.map((text): LlmMessage => ({ role: 'user', text })),
  maxOutputTokens: 500,
  signal: new AbortController().signal,
})

describe('a cost', () => {
  test.each([
    [{ inputTokens: 1000, cachedInputTokens: 0, outputTokens: 100 }, 1500],
    [{ inputTokens: 1000, cachedInputTokens: 900, outputTokens: 100 }, 690],
    // More of the cache than there was of the prompt is all of the prompt.
    [{ inputTokens: 1000, cachedInputTokens: 5000, outputTokens: 0 }, 100],
    [{ inputTokens: 0, cachedInputTokens: 0, outputTokens: 0 }, 0],
    [{ inputTokens: 1, cachedInputTokens: 1, outputTokens: 0 }, 1],
  ])('%o is %d micro-dollars', (usage, expected) => {
    expect(costOf(price, usage)).toBe(expected)
  })

  test('of a long prompt is at the price for long ones, answer included', () => {
    const long: Price = { ...price, long: { above: 1000, input: 2e6, cachedInput: 2e5, output: 7e6 } }
    expect(costOf(long, { inputTokens: 1000, cachedInputTokens: 0, outputTokens: 10 })).toBe(1050)
    expect(costOf(long, { inputTokens: 1001, cachedInputTokens: 1, outputTokens: 10 })).toBe(2071)
  })

  test('is a whole number, rounded up', () => {
    const cheap: Price = { input: 1, cachedInput: 1, output: 1 }
    expect(costOf(cheap, { inputTokens: 1, cachedInputTokens: 0, outputTokens: 0 })).toBe(1)
    expect(isFree(cheap)).toBe(false)
    expect(isFree({ input: 0, cachedInput: 0, output: 0 })).toBe(true)
  })

  test('never passes the worst case as long as the tokens are within their bound', () => {
    const tokens = fc.nat(2_000_000)
    fc.assert(
      fc.property(tokens, tokens, tokens, tokens, tokens, (input, more, cached, output, further) => {
        const bound = { inputTokens: input + more, outputTokens: output + further }
        const used = { inputTokens: input, cachedInputTokens: cached, outputTokens: output }
        expect(costOf(price, used)).toBeLessThanOrEqual(worstCost(price, bound))
      }),
    )
  })
})

test('the bound counts bytes: of text no tokenizer makes more tokens than that', () => {
  const bound = boundOf(requestOf(['Привет', '🙂'], 'Be brief.'))
  expect(bound).toEqual({ inputTokens: 9 + 12 + 4 + 2 * 16 + 64, outputTokens: 500 })
  expect(boundOf(requestOf(['half \ud83d'])).inputTokens).toBe(8 + 16 + 64)
})

describe('a report', () => {
  const bound = { inputTokens: 1000, outputTokens: 500 }
  const told = { inputTokens: 20, outputTokens: 5, cachedInputTokens: 10 }

  test('is believed', () => {
    expect(chargedUsage(told, bound)).toEqual(told)
  })

  test.each([0, -5, Number.NaN, Number.POSITIVE_INFINITY, 1.5, 2 ** 60])(
    'of %d tokens is none: they count as their bound',
    (nonsense) => {
      expect(chargedUsage({ ...told, inputTokens: nonsense }, bound)).toEqual({
        inputTokens: 1000,
        outputTokens: 5,
        cachedInputTokens: 0,
      })
      expect(chargedUsage({ ...told, outputTokens: nonsense }, bound)).toMatchObject({ outputTokens: 500 })
      expect(chargedUsage({ ...told, cachedInputTokens: nonsense }, bound).cachedInputTokens).toBe(0)
    },
  )

  test('that is only an estimate is the bound', () => {
    expect(chargedUsage({ ...told, estimated: true }, bound)).toMatchObject(bound)
  })
})
