import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ServerFrame } from '../../../src/http/contract/socket.ts'
import { apply, type ChatEvent } from './apply.ts'
import { someMessages } from './messages.fixture.ts'
import { type ChatState, initialState, isBehind, lastSeq, viewOf } from './state.ts'

const session = 'one'
const page = 5
/** Messages a frame carries. */
const portion = 2

/** What a server with `count` messages answers to `open`: what does not fit in `opened` follows, or is older. */
function opened(count: number, after: number): ServerFrame[] {
  const reset = after === 0 || after > count || count - after > page
  const from = reset ? Math.max(1, count - portion + 1) : after + 1
  const to = reset ? count : Math.min(count, after + portion)
  const frames: ServerFrame[] = [
    { type: 'opened', session, messages: someMessages(from, to), more: from > 1, reset },
  ]
  for (let next = to + 1; next <= count; next += portion) {
    const messages = someMessages(next, Math.min(count, next + portion - 1))
    frames.push({ type: 'messages', session, messages })
  }
  return frames
}

type Step =
  | { kind: 'commit'; size: number; accepted: boolean }
  | { kind: 'deliver' | 'swap' | 'repeat' | 'drop' | 'reconnect' | 'ask' | 'older' }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('commit' as const),
      size: fc.integer({ min: 1, max: 3 }),
      accepted: fc.boolean(),
    }),
  },
  { weight: 4, arbitrary: fc.constant({ kind: 'deliver' as const }) },
  fc.constantFrom<Step>(
    { kind: 'swap' },
    { kind: 'repeat' },
    { kind: 'drop' },
    { kind: 'reconnect' },
    { kind: 'ask' },
    { kind: 'older' },
  ),
)

/** A server, a wire that repeats, reorders and loses, and a page. */
function world() {
  let count = 0
  let state: ChatState = initialState(session, [])
  let wire: ServerFrame[] = []
  const dispatch = (event: ChatEvent) => {
    state = apply(state, event)
  }
  const ask = () => {
    dispatch({ type: 'asked', session })
    wire.push(...opened(count, lastSeq(viewOf(state, session))))
  }
  const commit = (size: number, accepted: boolean) => {
    const fresh = someMessages(count + 1, count + size)
    count += size
    if (accepted && fresh[0]?.id) {
      const draft = {
        id: fresh[0].id,
        session,
        text: fresh[0].text,
        at: fresh[0].at,
        state: 'pending' as const,
      }
      dispatch({ type: 'drafted', draft })
      wire.push({ type: 'accepted', session, id: draft.id, seq: fresh[0].seq })
    }
    wire.push({ type: 'messages', session, messages: fresh })
  }
  const older = () => {
    const first = viewOf(state, session).messages[0]?.seq ?? 1
    const from = Math.max(1, first - portion)
    wire.push({ type: 'history', session, messages: someMessages(from, first - 1), more: from > 1 })
  }
  const deliver = (repeat: boolean) => {
    const frame = wire.shift()
    if (!frame) return
    dispatch({ type: 'frame', frame })
    if (repeat) dispatch({ type: 'frame', frame })
  }
  const reconnect = () => {
    wire = []
    dispatch({ type: 'connection', connection: 'offline' })
    ask()
    for (const { id } of state.drafts) wire.push({ type: 'accepted', session, id, seq: Number(id.slice(3)) })
  }
  const settle = () => {
    reconnect()
    for (let round = 0; round < 3 && (wire.length > 0 || isBehind(viewOf(state, session))); round += 1) {
      while (wire.length > 0) deliver(false)
      if (isBehind(viewOf(state, session))) ask()
    }
  }
  return {
    do(next: Step) {
      if (next.kind === 'commit') commit(next.size, next.accepted)
      else if (next.kind === 'deliver') deliver(false)
      else if (next.kind === 'repeat') deliver(true)
      else if (next.kind === 'swap') wire.reverse()
      else if (next.kind === 'drop') wire.shift()
      else if (next.kind === 'reconnect') reconnect()
      else if (next.kind === 'ask') ask()
      else older()
    },
    settle,
    count: () => count,
    state: () => state,
  }
}

const contiguous = (seqs: number[]) => seqs.every((seq, index) => seq === (seqs[0] ?? 0) + index)

test('whatever the wire does, messages are contiguous, unique, and complete after a reconnect', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const it = world()
      for (const next of steps) {
        it.do(next)
        const view = viewOf(it.state(), session)
        expect(contiguous(view.messages.map((message) => message.seq))).toBe(true)
        expect(view.messages.map((message) => message.text)).toEqual(
          view.messages.map((message) => `message ${message.seq}`),
        )
      }
      it.settle()
      expect(lastSeq(viewOf(it.state(), session))).toBe(it.count())
      expect(it.state().drafts).toEqual([])
    }),
    { numRuns: 400 },
  )
})
