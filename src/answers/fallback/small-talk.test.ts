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
  ['bye', 'farewell'],
  ['Thanks, bye!', 'farewell'],
  ['пока', 'farewell'],
  ['Спасибо, до свидания', 'farewell'],
  ['no', 'no'],
  ['No thanks', 'no'],
  ["no, that's all", 'no'],
  ['нет, спасибо', 'no'],
  ['are you a bot?', 'identity'],
  ['Who are you?', 'identity'],
  ['Hi! Who am I talking to?', 'identity'],
  ['Am I talking to a real person?', 'identity'],
  ['вы бот?', 'identity'],
  ['С кем я говорю?', 'identity'],
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
  'are you a bot agency?',
  'no idea what it costs',
  'пока не знаю',
  'привет, сколько стоит сайт?',
])('"%s" says more', (text) => {
  expect(smallTalkIn(text)).toBeUndefined()
})
