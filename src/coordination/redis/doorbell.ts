import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { Events } from '../../ops/events.ts'
import type { Bell, Doorbell } from '../coordination.ts'
import { createDelays } from '../delays.ts'
import { createLine, type Serve } from '../line.ts'
import type { Connection } from './connection.ts'
import { isTimeout, type Send } from './outgoing.ts'

export interface DoorbellNeeds {
  send: Send
  /** Opens a connection of its own for a listener: it waits at Redis most of the time. */
  open(name: string, timeoutMs: number): Connection
  prefix: string
  events: Pick<Events, 'redisAsked' | 'faulted'>
}

/** How long a listener waits at Redis, in seconds; a bell that rings wakes it at once. */
const waitSeconds = 2
/** What the answer may take over that, in milliseconds. */
const graceMs = 2000
/** Bells taken at once: few enough that the other processes get some of a burst. */
const mostTaken = 16
/** Bells kept for listeners that are away; the sweep knows the rest. */
const mostKept = 100_000
/** The set is looked after once in so many rings. */
const trimEvery = 1000
/** A Redis that refuses to be asked is asked again after this time, in milliseconds. */
const refusedMs = 1000

/** The set and its taken members with their scores; `null` when nobody rang. */
const popped = z.tuple([z.string(), z.array(z.tuple([z.string(), z.string()]))]).nullable()

/**
 * Bells in a sorted set by the time they rang: a conversation is in it once, whoever rings how often. The processes that
 * listen take from it as many as they have room for. Without Redis a process that listens serves what rings in itself,
 * and the sweep rings for everything.
 */
export function createRedisDoorbell(needs: DoorbellNeeds): Doorbell {
  const bells: Record<Bell, ReturnType<typeof createBell>> = {
    turn: createBell('turn', needs),
    outbox: createBell('outbox', needs),
  }
  return {
    ring(bell, conversationId, delayMs = 0) {
      bells[bell].ring(conversationId, delayMs)
    },
    listen(bell, concurrency, handler) {
      bells[bell].listen(concurrency, handler)
    },
    async close() {
      await Promise.all(Object.values(bells).map((bell) => bell.close()))
    },
  }
}

function createBell(bell: Bell, { send, open, prefix, events }: DoorbellNeeds) {
  const key = `${prefix}:bell:${bell}`
  const push = createPush(key, send, (id) => {
    if (taker && !closed) line.queue(id)
  })
  let wake = (): void => undefined
  const line = createLine(() => wake())
  const delays = createDelays(due)
  let taker: Connection | undefined
  let closed = false

  function due(id: string): void {
    if (!closed && line.isServing(id)) line.queue(id)
    else push(id)
  }

  async function take(from: Connection): Promise<void> {
    while (!closed) {
      const most = Math.min(line.room(), mostTaken)
      if (most > 0) await takeUpTo(most, from)
      else {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    }
  }

  async function takeUpTo(most: number, from: Connection): Promise<void> {
    await from.untilUp()
    if (closed) return
    try {
      const taken = await from.redis.bzmpop(waitSeconds, 1, key, 'MIN', 'COUNT', most)
      events.redisAsked({ operation: 'take', status: 'ok' })
      for (const [id] of popped.parse(taken)?.[1] ?? []) line.queue(id)
    } catch (err) {
      if (closed) return
      events.redisAsked({ operation: 'take', status: 'failed' })
      if (isTimeout(err)) from.renew()
      if (!from.isUp()) return
      events.faulted({ area: 'redis', err })
      await sleep(refusedMs)
    }
  }

  return {
    ring(id: string, delayMs: number): void {
      if (delayMs <= 0) due(id)
      else if (!closed) delays.later(id, delayMs)
    },
    listen(concurrency: number, serve: Serve): void {
      line.listen(concurrency, serve)
      taker ??= open(bell, waitSeconds * 1000 + graceMs)
      void take(taker)
    },
    async close(): Promise<void> {
      closed = true
      delays.clear()
      taker?.close()
      wake()
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
    const compose = (): [string, ...(string | number)[]] => {
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
