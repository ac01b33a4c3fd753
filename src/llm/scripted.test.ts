import { expect, test } from 'vitest'
import type { Llm, LlmPart } from './llm.ts'
import { createScripted } from './scripted.ts'

async function play(llm: Llm, signal = new AbortController().signal): Promise<LlmPart[]> {
  const parts: LlmPart[] = []
  const request = {
    system: 'be brief',
    messages: [{ role: 'user' as const, text: 'hi' }],
    maxOutputTokens: 9,
    signal,
  }
  for await (const part of llm.stream(request)) parts.push(part)
  return parts
}

test('plays one script a request and repeats the last', async () => {
  const llm = createScripted([
    { fault: 'cut', say: ['x'] },
    { say: ['two ', 'words'], reason: 'length' },
  ])
  await expect(play(llm)).rejects.toMatchObject({ fault: 'cut', model: 'scripted/model' })
  const usage = { inputTokens: 3, outputTokens: 2, cachedInputTokens: 0 }
  const finish = { type: 'finish', reason: 'length', model: 'scripted/model', usage }
  expect(await play(llm)).toEqual([{ type: 'text', text: 'two ' }, { type: 'text', text: 'words' }, finish])
  expect(await play(llm)).toHaveLength(3)
  expect(llm.requests).toHaveLength(3)
})

test('an aborted request throws its reason', async () => {
  await expect(play(createScripted([{}]), AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped')
})
