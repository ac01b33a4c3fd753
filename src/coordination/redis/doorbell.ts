import type { Events } from '../../ops/events.ts'
import type { Bell, Doorbell } from '../coordination.ts'
import { createDelays } from '../delays.ts'
import { createLine, type Serve } from '../line.ts'
import type { Connection } from './connection.ts'
import type { Command, Send } from './outgoing.ts'
import { createTaker } from './taker.ts'

export interface DoorbellNeeds {
  send: Send
  open(name: string, timeoutMs: number): Connection
  prefix: string
  events: Pick<Events, 'redisAsked' | 'faulted'>
}

/** Bells kept for listeners that are away; the sweep knows the rest. */
const mostKept = 100_000
/** The set is looked after once in so many rings. */
const trimEvery = 1000

/**
 * Bells in a sorted set by the time they rang: a conversation is in it once, whoever rings how often. The processes that
 * listen take from it as many as they have room for. Without Redis a process that listens serves what rings in itself,
 * and the sweep rings for everything.
 */
export function createRedisDoorbell(needs: DoorbellNeeds): Doorbell {
  const bells = { turn: createBell('turn', needs), outbox: createBell('outbox', needs) }
  return {
    ring: (bell, conversationId, delayMs = 0) => bells[bell].ring(conversationId, delayMs),
    listen: (bell, concurrency, handler) => bells[bell].listen(concurrency, handler),
    async close() {
      await Promise.all(Object.values(bells).map((bell) => bell.close()))
    },
  }
}

function createBell(bell: Bell, { send, open, prefix, events }: DoorbellNeeds) {
  const key = `${prefix}:bell:${bell}`
  const line = createLine(() => taker.wake())
  const delays = createDelays(due)
  const push = createPush(key, send, (id) => {
    if (taker.started()) line.queue(id)
  })
  const taker = createTaker({
    open: (timeoutMs) => open(bell, timeoutMs),
    key,
    room: line.room,
    serve: line.queue,
    events,
  })
  let closed = false

  function due(id: string): void {
    if (!closed && line.isServing(id)) line.queue(id)
    else push(id)
  }

  return {
    ring(id: string, delayMs: number): void {
      if (delayMs <= 0) due(id)
      else if (!closed) delays.later(id, delayMs)
    },
    listen(concurrency: number, serve: Serve): void {
      line.listen(concurrency, serve)
      taker.start()
    },
    async close(): Promise<void> {
      closed = true
      delays.clear()
      taker.close()
      const { waited, served } = line.close()
      for (const id of waited) push(id)
      await served
    },
  }
}

/** Puts conversations into the set, those of one moment together; `onFailure` is told of those it does not take. */
function createPush(key: string, send: Send, onFailure: (id: string) => void): (id: string) => void {
  const ringing = new Set<string>()
  let added = 0

  async function deliver(): Promise<void> {
    let ids: string[] = []
    const compose = (): Command => {
      const now = Date.now()
      ids = [...ringing]
      ringing.clear()
      return ['zadd', key, 'NX', ...ids.flatMap((id) => [now, id])]
    }
    try {
      added += Number(await send('ring', compose))
      if (added < trimEvery) return
      added = 0
      await send('ring', () => ['zremrangebyrank', key, mostKept, -1])
    } catch {
      for (const id of ids) onFailure(id)
    }
  }

  return (id) => {
    ringing.add(id)
    if (ringing.size === 1) void deliver()
  }
}
