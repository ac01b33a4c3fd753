import { expect, test } from 'vitest'
import { isFrustrated } from './frustration.ts'

test.each([
  'This is useless!',
  "You don't understand me",
  'stupid bot',
  'What a waste of my time',
  "That's not what I asked",
  'I’m so frustrated',
  'Ugh.',
  'Ты тупой',
  'Вы меня не понимаете!',
  'бесполезный бот',
  'Сколько можно?!',
  'Ты издеваешься?',
  'толку от вас ноль',
])('%s is frustrated', (text) => {
  expect(isFrustrated(text)).toBe(true)
})

test.each([
  'Our CI is slow and useless, can you fix it?',
  'We waste hours on deployments',
  'Сколько можно сэкономить на облаке?',
  'Надоело деплоить вручную, поможете?',
  'Нас бесит медленный деплой',
  'Does it help to use Kubernetes?',
  'How do you understand requirements?',
  '',
])('%s is not', (text) => {
  expect(isFrustrated(text)).toBe(false)
})
