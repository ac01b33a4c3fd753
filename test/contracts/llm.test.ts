import { describe } from 'vitest'
import { createModel } from '../../src/llm/model.ts'
import { createTransport } from '../../src/llm/transport.ts'
import { type FakeProvider, fakeVendors } from '../fakes/model/vendors.ts'
import { llmContract } from './llm.ts'

const providers: FakeProvider[] = ['anthropic', 'openai', 'google', 'deepseek', 'longcat', 'compatible']

describe.each(providers)('llm contract: %s', (provider) => {
  const { key: good, model: known } = fakeVendors[provider]
  let transport = createTransport()
  llmContract({
    provider,
    key: good,
    create: ({ baseUrl, key = () => good, limits, model = known }) =>
      createModel({ provider, model, apiKey: key, baseUrl }, { transport, ...(limits && { limits }) }),
    close: async () => {
      const before = transport
      transport = createTransport()
      await before.close()
    },
  })
})
