import { describe, expect, test } from 'vitest'
import type { ServerFrame } from '../../../src/http/contract/socket.ts'
import { apply, type ChatEvent } from './apply.ts'
import { someMessages } from './messages.fixture.ts'
import { type ChatState, type Draft, initialState, isBehind, mostPutOff, viewOf } from './state.ts'

const session = 'one'
const draft = (id: string, changes: Partial<Draft> = {}): Draft => ({
  id,
  session,
  text: `text of ${id}`,
  at: 1,
  state: 'pending',
  ...changes,
})
const run = (events: (ChatEvent | ServerFrame)[], state: ChatState = initialState(session, [])): ChatState =>
  events.reduce((now, event) => apply(now, isEvent(event) ? event : { type: 'frame', frame: event }), state)
const eventTypes = [
  'frame',
  'connection',
  'shown',
  'asked',
  'olderAsked',
  'drafted',
  'retried',
  'discarded',
  'fellSilent',
]
const isEvent = (event: ChatEvent | ServerFrame): event is ChatEvent => eventTypes.includes(event.type)
const opened = (from: number, to: number, reset = true, more = false): ServerFrame => ({
  type: 'opened',
  session,
  messages: someMessages(from, to),
  more,
  reset,
})
const arrive = (from: number, to: number): ServerFrame => ({
  type: 'messages',
  session,
  messages: someMessages(from, to),
})
const seqs = (state: ChatState) => viewOf(state, session).messages.map((message) => message.seq)

describe('messages', () => {
  test('a repeated frame changes nothing', () => {
    expect(seqs(run([opened(1, 2), arrive(3, 4), arrive(3, 4), arrive(2, 3)]))).toEqual([1, 2, 3, 4])
  })

  test('what lies beyond a gap is left out until the session is asked for again', () => {
    const gap = run([opened(1, 2), arrive(5, 6)])
    expect(seqs(gap)).toEqual([1, 2])
    expect(isBehind(viewOf(gap, session))).toBe(true)
    const closed = run([{ type: 'asked', session }, opened(3, 6, false)], gap)
    expect(seqs(closed)).toEqual([1, 2, 3, 4, 5, 6])
    expect(isBehind(viewOf(closed, session))).toBe(false)
  })

  test('one that overtakes the answer to `open` is noticed as missing', () => {
    const state = run([{ type: 'asked', session }, arrive(3, 3), opened(1, 2)])
    expect(seqs(state)).toEqual([1, 2])
    expect(isBehind(viewOf(state, session))).toBe(true)
  })

  test('a reset drops what was there, also when less comes back', () => {
    expect(seqs(run([opened(1, 9), opened(1, 2)]))).toEqual([1, 2])
    expect(
      seqs(run([opened(1, 9), { type: 'opened', session, messages: [], more: false, reset: true }])),
    ).toEqual([])
  })

  test('an answer that leaves a gap counts as a reset', () => {
    expect(seqs(run([opened(1, 2), opened(60, 70, false, true)]))[0]).toBe(60)
  })

  test('older ones are put before, once', () => {
    const older: ServerFrame = { type: 'history', session, messages: someMessages(1, 50), more: false }
    const state = run([opened(51, 100, true, true), { type: 'olderAsked', session }, older, older])
    expect(seqs(state)).toHaveLength(100)
    expect(viewOf(state, session)).toMatchObject({ more: false, loadingOlder: false })
  })
})

describe('drafts', () => {
  test('an accepted one becomes the next message at once, under the same id', () => {
    const state = run([
      opened(1, 2),
      { type: 'drafted', draft: draft('a') },
      { type: 'accepted', session, id: 'a', seq: 3 },
    ])
    expect(state.drafts).toEqual([])
    expect(viewOf(state, session).messages.at(-1)).toMatchObject({ seq: 3, id: 'a', text: 'text of a' })
  })

  test('one accepted beyond a gap waits for the messages before it', () => {
    const waiting = run([
      opened(1, 2),
      { type: 'drafted', draft: draft('id-5') },
      { type: 'accepted', session, id: 'id-5', seq: 5 },
    ])
    expect(waiting.drafts).toMatchObject([{ state: 'accepted', seq: 5 }])
    expect(run([{ type: 'asked', session }, opened(3, 6, false)], waiting).drafts).toEqual([])
  })

  test('one already in the history is let go when the acknowledgement was lost', () => {
    expect(run([{ type: 'drafted', draft: draft('id-3') }, opened(1, 4)]).drafts).toEqual([])
  })

  test('a refused one stays visible with its reason and can be tried again or dropped', () => {
    const error: ServerFrame = { type: 'error', code: 'RATE_LIMITED', message: '', id: 'a' }
    const failed = run([{ type: 'drafted', draft: draft('a') }, error])
    expect(failed.drafts).toMatchObject([{ state: 'failed', reason: 'RATE_LIMITED' }])
    expect(run([{ type: 'retried', id: 'a' }], failed).drafts).toMatchObject([
      { state: 'pending', reason: undefined },
    ])
    expect(run([{ type: 'discarded', id: 'a' }], failed).drafts).toEqual([])
  })

  test('one that is put off waits, but not for ever', () => {
    const busy: ServerFrame = { type: 'error', code: 'OVERLOADED', message: '', id: 'a', retryAfterMs: 10 }
    const waiting = run([{ type: 'drafted', draft: draft('a') }, busy])
    expect(waiting.drafts).toMatchObject([{ state: 'pending', reason: 'OVERLOADED' }])
    expect(
      run(
        Array.from({ length: mostPutOff }, () => busy),
        waiting,
      ).drafts,
    ).toMatchObject([{ state: 'failed' }])
  })

  test('a refusal without an id is a notice of the page', () => {
    expect(run([{ type: 'error', code: 'FORBIDDEN', message: 'no' }]).notice).toEqual({
      code: 'FORBIDDEN',
      message: 'no',
    })
  })
})

describe('preview', () => {
  const preview = (turn: string, attempt: number, text: string): ServerFrame => ({
    type: 'preview',
    session,
    turn,
    attempt,
    text,
  })
  const shown = (state: ChatState) => viewOf(state, session).preview?.text

  test('a newer attempt starts anew, an older one is ignored', () => {
    expect(shown(run([preview('t', 1, 'one two'), preview('t', 2, 'x')]))).toBe('x')
    expect(shown(run([preview('t', 2, 'x'), preview('t', 1, 'one two three')]))).toBe('x')
  })

  test('the committed message takes its place, and a late frame of the turn stays out', () => {
    const committed = run([opened(1, 1), preview('turn-2', 1, 'mess'), arrive(2, 2)])
    expect(shown(committed)).toBeUndefined()
    expect(shown(run([preview('turn-2', 1, 'message')], committed))).toBeUndefined()
  })

  test('it goes when nothing is heard any more', () => {
    expect(
      shown(run([preview('t', 1, 'x'), { type: 'fellSilent', session, what: 'preview' }])),
    ).toBeUndefined()
  })
})

test('a session that is opened with its answer shows no typing; one that is not goes on', () => {
  const typing: ServerFrame = { type: 'typing', session, active: true }
  const typingAfter = (from: number, to: number) => viewOf(run([typing, opened(from, to)]), session)?.typing
  expect([typingAfter(1, 2), typingAfter(1, 3)]).toEqual([false, true])
})

test('a cut connection ends typing and questions, and keeps the messages', () => {
  const state = run([
    opened(1, 2),
    { type: 'typing', session, active: true },
    { type: 'connection', connection: 'offline' },
  ])
  expect(viewOf(state, session)).toMatchObject({ typing: false, loadingOlder: false })
  expect(seqs(state)).toEqual([1, 2])
})
