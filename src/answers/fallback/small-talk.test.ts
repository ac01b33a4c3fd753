import { expect, test } from 'vitest'
import { smallTalkIn } from './small-talk.ts'

test.each([
  ['Hello!', 'greeting'],
  ['  Good   morning 👋', 'greeting'],
  ['Добрый день!', 'greeting'],
  ['спасибо большое', 'thanks'],
  ['ok', 'thanks'],
])('%s is %s', (text, kind) => {
  expect(smallTalkIn(text)).toBe(kind)
})

test.each(['hello world in Rust', 'thanks but how much is it?', '', '123', 'привет, сколько стоит сайт?'])(
  '"%s" says more',
  (text) => {
    expect(smallTalkIn(text)).toBeUndefined()
  },
)
