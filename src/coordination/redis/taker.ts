import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { Events } from '../../ops/events.ts'
import type { Connection } from './connection.ts'
import { isTimeout } from './outgoing.ts'

export interface TakerNeeds {
  /** Opens a connection of its own: it waits at Redis most of the time. */
  open(timeoutMs: number): Connection
  key: string
  /** How many can be served now. */
  room(): number
  serve(conversationId: string): void
  events: Pick<Events, 'redisAsked' | 'faulted'>
}

/** Takes bells from Redis whenever there is room for them. */
export interface Taker {
  start(): void
  started(): boolean
  /** There may be room again. */
  wake(): void
  close(): void
}

/** How long it waits at Redis, in seconds; a bell that rings wakes it at once. */
const waitSeconds = 2
/** What the answer may take over that, in milliseconds. */
const graceMs = 2000
/** Bells taken at once: few enough that the other processes get some of a burst. */
const mostTaken = 16
/** A Redis that refuses to be asked is asked again after this time, in milliseconds. */
const refusedMs = 1000

/** The set and its taken members with their scores; `null` when nobody rang. */
const popped = z.tuple([z.string(), z.array(z.tuple([z.string(), z.string()]))]).nullable()

export function createTaker({ open, key, room, serve, events }: TakerNeeds): Taker {
  let connection: Connection | undefined
  let closed = false
  let wake = (): void => undefined

  async function run(from: Connection): Promise<void> {
    while (!closed) {
      const most = Math.min(room(), mostTaken)
      if (most > 0) await take(most, from)
      else {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    }
  }

  async function take(most: number, from: Connection): Promise<void> {
    await from.untilUp()
    if (closed) return
    try {
      const answer = await from.redis.bzmpop(waitSeconds, 1, key, 'MIN', 'COUNT', most)
      events.redisAsked({ operation: 'take', status: 'ok' })
      for (const [id] of popped.parse(answer)?.[1] ?? []) serve(id)
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
    start() {
      connection ??= open(waitSeconds * 1000 + graceMs)
      void run(connection)
    },
    started: () => connection !== undefined && !closed,
    wake: () => wake(),
    close() {
      closed = true
      connection?.close()
      wake()
    },
  }
}
