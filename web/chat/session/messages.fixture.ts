import type { PageMessage } from '../../../src/http/contract/socket.ts'

/** Messages `from` to `to` of a session; odd ones are the contact's. */
export function someMessages(from: number, to: number): PageMessage[] {
  const count = Math.max(0, to - from + 1)
  return Array.from({ length: count }, (_, index) => from + index).map((seq) => ({
    seq,
    author: seq % 2 === 1 ? 'contact' : 'bot',
    text: `message ${seq}`,
    at: seq * 1000,
    ...(seq % 2 === 1 ? { id: `id-${seq}` } : { turn: `turn-${seq}` }),
  }))
}
