import type { PageMessage } from '../../../src/http/contract/socket.ts'

const bySeq = (a: PageMessage, b: PageMessage) => a.seq - b.seq

/** The longest run without a gap that ends with the newest message. */
export function newestRun(messages: PageMessage[]): PageMessage[] {
  const run: PageMessage[] = []
  for (const message of messages.toSorted(bySeq).reverse()) {
    const next = run.at(-1)
    if (next && message.seq === next.seq) continue
    if (next && message.seq !== next.seq - 1) break
    run.push(message)
  }
  return run.reverse()
}

/** Adds what follows the held messages; what is known already, or lies beyond a gap, is left out. */
export function append(held: PageMessage[], incoming: PageMessage[]): PageMessage[] {
  let last = held.at(-1)?.seq ?? 0
  const fresh: PageMessage[] = []
  for (const message of incoming.toSorted(bySeq)) {
    if (message.seq !== last + 1) continue
    fresh.push(message)
    last = message.seq
  }
  return fresh.length === 0 ? held : [...held, ...fresh]
}

/** Adds what directly precedes the held messages; anything else is left out. */
export function prepend(held: PageMessage[], incoming: PageMessage[]): PageMessage[] {
  const first = held[0]?.seq ?? 0
  const older = newestRun(incoming.filter((message) => message.seq < first))
  return older.at(-1)?.seq === first - 1 ? [...older, ...held] : held
}
