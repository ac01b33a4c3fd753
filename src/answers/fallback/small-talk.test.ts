import { expect, test } from 'vitest'
import { smallTalkIn } from './small-talk.ts'

test.each([
  ['Hello!', 'greeting'],
  ['  Good   morning 👋', 'greeting'],
  ['Добрый день!', 'greeting'],
  ['спасибо большое', 'thanks'],
  ['ok', 'thanks'],
  ['ok thanks', 'thanks'],
  ['Great, thank you so much for your help!', 'thanks'],
  ['Ну спасибо, всё понятно', 'thanks'],
  ['hi', 'greeting'],
  ['привет', 'greeting'],
  ['Hi, how are you?', 'greeting'],
])('%s is %s', (text, kind) => {
  expect(smallTalkIn(text)).toBe(kind)
})

test.each([
  'hello world in Rust',
  'very much',
  'ok 5',
  'thanks but how much is it?',
  '',
  '123',
  'привет, сколько стоит сайт?',
])('"%s" says more', (text) => {
  expect(smallTalkIn(text)).toBeUndefined()
})
