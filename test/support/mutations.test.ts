import { expect, test } from 'vitest'
import { createMutator } from './mutations.ts'

const texts = ['{"update_id":#########,"message":{"chat":{"id":5},"list":[1,"two",{"three":null}]}}']
const sample = (seed: number, count: number): string[] => {
  const mutator = createMutator({ seed, texts, largest: 1000 })
  return Array.from({ length: count }, () => mutator.next().toString('latin1'))
}

test('the same seed spoils in the same ways, another in others', () => {
  expect(sample(1, 500)).toEqual(sample(1, 500))
  expect(sample(1, 500)).not.toEqual(sample(2, 500))
})

test('what comes is of many kinds: no JSON, JSON with odd values, and nearly right', () => {
  const all = sample(3, 5000)
  expect(new Set(all).size).toBeGreaterThan(4500)
  const parsed = all.flatMap((text) => {
    try {
      return [JSON.parse(text)]
    } catch {
      return []
    }
  })
  expect(parsed.length).toBeGreaterThan(1500)
  expect(all.length - parsed.length).toBeGreaterThan(1500)
  const hasChat = parsed.filter((value) => value?.message?.chat?.id === 5)
  expect(hasChat.length).toBeGreaterThan(500)
  for (const piece of ['__proto__', '\\ud800', '\\u0000', '[[[[[[[[[[', '1e400', 'x'.repeat(1100)])
    expect(
      all.some((text) => text.includes(piece)),
      piece,
    ).toBe(true)
})
