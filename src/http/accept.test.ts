import { expect, test } from 'vitest'
import { prefersPage } from './accept.ts'

test.each([
  ['Firefox', 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', true],
  ['Chromium', 'text/html,application/xhtml+xml,image/avif,*/*;q=0.8;v=b3', true],
  ['a text browser', 'Text/HTML; q=0.3', true],
  ['a family', 'text/*, */*;q=0.1', true],
  ['curl and fetch', '*/*', false],
  ['nothing', undefined, false],
  ['an empty one', '', false],
  ['data', 'application/json', false],
  ['data first', 'application/json, text/html;q=0.9', false],
  ['both alike', 'application/json, text/html', false],
  ['no page', 'text/html;q=0, */*', false],
  ['a picture', 'image/avif,image/webp,*/*;q=0.8', false],
  ['nonsense', ';q=,text/html;q=x,,/', false],
])('%s', (_, accept, expected) => {
  expect(prefersPage(accept)).toBe(expected)
})
