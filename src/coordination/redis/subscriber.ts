import type { Events } from '../../ops/events.ts'
import type { Connection } from './connection.ts'

export interface SubscriberNeeds {
  connection: Connection
  /** Subscribed always. */
  always: string
  /** The channels wanted now, and whether one is. */
  wanted(): string[]
  isWanted(channel: string): boolean
  onMessage(channel: string, text: string): void
  /** From here on nothing of these channels is missed. `again`: the connection was away, and with it all of them. */
  onSubscribed(channels: string[], again: boolean): void
  events: Pick<Events, 'redisAsked'>
}

/** Keeps the subscriptions at Redis as they are wanted here. */
export interface Subscriber {
  /** Somebody wants it now, or nobody any more. */
  changed(channel: string): void
  close(): void
}

/** How often a connection on which nothing is said is asked whether it is there, in milliseconds. */
const askMs = 5000

export function createSubscriber(needs: SubscriberNeeds): Subscriber {
  const { connection, always, isWanted, events } = needs
  const { redis } = connection
  const held = new Set<string>()
  const changes = new Set<string>()
  let again = false

  async function attempt(ask: () => Promise<unknown>): Promise<boolean> {
    try {
      await ask()
      events.redisAsked({ operation: 'subscribe', status: 'ok' })
      return true
    } catch {
      events.redisAsked({ operation: 'subscribe', status: 'failed' })
      if (connection.isUp()) connection.renew()
      return false
    }
  }

  async function adapt(): Promise<void> {
    const channels = [...changes]
    changes.clear()
    if (!connection.isUp()) return
    const add = channels.filter((channel) => isWanted(channel) && !held.has(channel))
    const drop = channels.filter((channel) => !isWanted(channel) && held.delete(channel))
    for (const channel of add) held.add(channel)
    if (drop.length > 0) void attempt(() => redis.unsubscribe(...drop))
    if (add.length > 0 && (await attempt(() => redis.subscribe(...add)))) needs.onSubscribed(add, false)
  }

  async function begin(): Promise<void> {
    const channels = needs.wanted()
    held.clear()
    for (const channel of channels) held.add(channel)
    if (!(await attempt(() => redis.subscribe(always, ...channels)))) return
    needs.onSubscribed(channels, again)
    again = true
  }

  redis.on('ready', () => void begin())
  redis.on('message', needs.onMessage)
  const asking = setInterval(() => {
    if (connection.isUp()) void attempt(() => redis.ping())
  }, askMs).unref()

  return {
    changed(channel) {
      changes.add(channel)
      if (changes.size === 1) setImmediate(() => void adapt())
    },
    close() {
      clearInterval(asking)
      connection.close()
    },
  }
}
