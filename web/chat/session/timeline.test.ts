import { expect, test } from 'vitest'
import type { PageMessage } from '../../../src/http/contract/socket.ts'
import { choices } from './choices.ts'
import { type Draft, emptyView, type View } from './state.ts'
import { timeline } from './timeline.ts'

const noon = new Date(2026, 2, 10, 12).getTime()
const day = 86_400_000
const message = (
  seq: number,
  author: PageMessage['author'],
  changes: Partial<PageMessage> = {},
): PageMessage => ({
  seq,
  author,
  text: `m${seq}`,
  at: noon,
  ...changes,
})
const view = (messages: PageMessage[], changes: Partial<View> = {}): View => ({
  ...emptyView,
  messages,
  opened: true,
  ...changes,
})
const keys = (shown: View, drafts: Draft[] = []) => timeline(shown, drafts, noon).map((row) => row.key)

test('each day gets a separator', () => {
  const rows = timeline(view([message(1, 'bot'), message(2, 'bot', { at: noon + day })]), [], noon + day)
  expect(rows.map((row) => row.kind)).toEqual(['day', 'message', 'day', 'message'])
})

test('messages of one author close together share a head', () => {
  const rows = timeline(view([message(1, 'bot'), message(2, 'bot'), message(3, 'contact')]), [], noon)
  expect(rows.flatMap((row) => (row.kind === 'message' ? [row.head] : []))).toEqual([true, false, true])
})

test('a preview and its committed message have one key, so have a draft and its stored message', () => {
  const preview = { turn: 't', attempt: 1, text: 'so far' }
  expect(keys(view([], { preview }))).toContain('turn:t')
  expect(keys(view([message(1, 'bot', { turn: 't' }), message(2, 'bot', { turn: 't' })]))).toEqual(
    expect.arrayContaining(['turn:t', 'seq:2']),
  )
  const draft: Draft = { id: 'a', session: 's', text: 'hi', at: noon, state: 'pending' }
  expect(keys(view([]), [draft])).toContain('id:a')
  expect(keys(view([message(1, 'contact', { id: 'a' })]))).toContain('id:a')
})

test('typing shows until there is a preview', () => {
  expect(keys(view([message(1, 'contact')], { typing: true })).at(-1)).toBe('typing')
  expect(keys(view([], { typing: true, preview: { turn: 't', attempt: 1, text: '' } }))).not.toContain(
    'typing',
  )
})

test('the chosen button is found again from the words of the person', () => {
  const buttons = [
    [
      { label: 'Yes', action: 'y' },
      { label: 'No', action: 'n' },
    ],
  ]
  const history = [
    message(1, 'bot', { buttons }),
    message(2, 'contact', { text: 'Yes' }),
    message(3, 'bot', { buttons }),
  ]
  expect(choices(history, [], [[{ label: 'Hello', action: 'h' }]])).toEqual(new Map([[1, new Set(['Yes'])]]))
  const pressed: Draft = {
    id: 'a',
    session: 's',
    text: 'No',
    press: { seq: 3, action: 'n' },
    at: noon,
    state: 'pending',
  }
  expect(choices(history, [pressed], undefined).get(3)).toEqual(new Set(['No']))
})
