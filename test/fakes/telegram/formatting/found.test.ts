import type { MessageEntity } from '@grammyjs/types'
import { expect, test } from 'vitest'
import { findEntities, foundBeside } from './found.ts'

const shown = (text: string, found: MessageEntity[]): string[] =>
  found.map(({ type, offset, length }) => `${type} ${text.slice(offset, offset + length)}`)

test.each([
  ['hey @boss, look', ['mention @boss']],
  ['@boss @x @a@b', ['mention @boss']],
  ['mail a@boss and a@', []],
  ['/start now, not a/b or 1/2', ['bot_command /start']],
  ['/help@parley_bot!', ['bot_command /help@parley_bot']],
  ['#topic #1 a#b ##x', ['hashtag #topic', 'hashtag #x']],
  ['#тема', ['hashtag #тема']],
  ['$USD $usd 5$', ['cashtag $USD']],
  ['see https://evil.example/a?b=@boss#c now', ['url https://evil.example/a?b=@boss#c']],
  ['evil.example/login and www.evil.example.', ['url evil.example/login', 'url www.evil.example']],
  ['пример.рф', ['url пример.рф']],
  ['tg://resolve?domain=evil', ['url tg://resolve?domain=evil']],
  ['anna.b@example.com', ['email anna.b@example.com']],
  [
    '+1-212-555-0123 and 4111 1111 1111 1111',
    ['phone_number +1-212-555-0123', 'phone_number 4111 1111 1111 1111'],
  ],
  ['just words, 12:30, 20-50k, e.g. this', []],
])('finds in %j: %j', (text, expected) => {
  expect(shown(text, findEntities(text))).toEqual(expected)
})

test('code and links are left alone, quotes and emphasis are not', () => {
  const text = '@one @two @three @four'
  const over = (type: 'code' | 'pre' | 'blockquote' | 'bold', part: string): MessageEntity => ({
    type,
    offset: text.indexOf(part),
    length: part.length,
  })
  const live = (...entities: MessageEntity[]) => shown(text, foundBeside(text, entities))
  expect(live(over('code', '@one'), over('pre', '@two @three'))).toEqual(['mention @four'])
  expect(live(over('code', 'one'))).not.toContain('mention @one')
  expect(live({ type: 'text_link', url: 'https://a.b', offset: 0, length: 4 })).not.toContain('mention @one')
  expect(live(over('blockquote', '@one @two'), over('bold', '@three'))).toHaveLength(4)
  expect(live(over('blockquote', 'one @two'))).not.toContain('mention @one')
})
