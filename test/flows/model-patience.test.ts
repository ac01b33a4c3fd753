import { expect, test } from 'vitest'
import { textsOf } from '../../src/model/texts/texts.ts'
import type { Behaviour } from '../fakes/model/behaviour.ts'
import { createFakeModels } from '../fakes/model/server.ts'
import { fakeVendors } from '../fakes/model/vendors.ts'
import { bootApp } from '../support/app.ts'

test('as shipped, nobody waits longer than 30 s for a model', { timeout: 60_000 }, async () => {
  const models = await createFakeModels()
  const { key, model } = fakeVendors.openai
  const running = await bootApp({
    env: {
      AI_PROVIDER: 'openai',
      AI_MODEL: model,
      AI_PRICE: '1/0.1/5',
      OPENAI_API_KEY: key,
      OPENAI_BASE_URL: models.baseUrl('openai'),
    },
  })
  const askWhen = async (behaviour: Behaviour) => {
    models.next(behaviour)
    const began = performance.now()
    const { replies } = await running.app.call('Tell me something, please.', () => undefined)
    return { text: replies.map(({ text }) => text).join('\n'), ms: performance.now() - began }
  }
  try {
    const slow = { tokens: Array.from({ length: 400 }, () => 'so '), tokenMs: 100 }
    const all = await Promise.all([askWhen({ fault: { kind: 'hang' } }), askWhen(slow)])
    for (const { text, ms } of all) {
      expect(text).toContain(textsOf('en').modelUnavailable)
      expect(ms).toBeGreaterThan(10_000)
      expect(ms).toBeLessThan(30_000)
    }
  } finally {
    await running.close()
    await models.close()
  }
})
