import { describe, expect, test } from 'vitest'
import { type Provider, providers, resolveBaseUrl } from './providers.ts'

describe('resolveBaseUrl', () => {
  test.each<[Provider, string | undefined, string]>([
    ['anthropic', undefined, 'https://api.anthropic.com/v1'],
    ['anthropic', 'https://api.anthropic.com/v1/', 'https://api.anthropic.com/v1'],
    ['anthropic', 'https://gateway.example/anthropic', 'https://gateway.example/anthropic/v1'],
    ['openai', undefined, 'https://api.openai.com/v1'],
    ['openai', 'https://api.openai.com', 'https://api.openai.com/v1'],
    ['google', undefined, 'https://generativelanguage.googleapis.com/v1beta'],
    ['deepseek', undefined, 'https://api.deepseek.com'],
    ['deepseek', 'https://api.deepseek.com/v1', 'https://api.deepseek.com/v1'],
    ['longcat', undefined, 'https://api.longcat.chat/openai/v1'],
    ['longcat', 'https://api.longcat.chat/openai', 'https://api.longcat.chat/openai/v1'],
    ['compatible', 'http://localhost:11434', 'http://localhost:11434/v1'],
    ['compatible', 'https://api.example/api/paas/v4', 'https://api.example/api/paas/v4'],
    ['compatible', 'https://api.example/v1beta/openai/', 'https://api.example/v1beta/openai'],
  ])('%s, %s', (provider, given, expected) => {
    expect(resolveBaseUrl(provider, given)).toBe(expected)
  })

  test.each(['', 'localhost:11434', 'ftp://host', '/v1'])('%j is no address', (given) => {
    expect(() => resolveBaseUrl('compatible', given)).toThrow(/base URL/)
  })

  test('a compatible endpoint has no address of its own', () => {
    expect(() => resolveBaseUrl('compatible', undefined)).toThrow('such as http://localhost:11434/v1')
  })
})

test('models that think are told to think little', () => {
  expect(providers.openai.extra('gpt-5-mini', 500)).toMatchObject({
    reasoning_effort: 'low',
    max_completion_tokens: 500,
  })
  expect(providers.openai.extra('o3', 500)).toMatchObject({ reasoning_effort: 'low' })
  for (const model of ['gpt-4o', 'gpt-5-chat-latest', 'gpt-5-pro', 'o1-mini']) {
    expect(providers.openai.extra(model, 500)).not.toHaveProperty('reasoning_effort')
  }
  expect(providers.google.extra('gemini-2.5-flash-lite', 500)).toEqual({
    thinkingConfig: { thinkingBudget: 0 },
  })
  expect(providers.google.extra('gemini-2.0-flash', 500)).toEqual({})
})
