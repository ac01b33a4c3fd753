import type { Bot, QueuedUpdate } from './state.ts'
import { createWebhookClient, type WebhookClient } from './webhook-client.ts'

/** Pushes updates to the webhook as Telegram does: in order per chat, again and again until a 2xx. */
export interface Delivery {
  /** A new update was queued. */
  enqueue(update: QueuedUpdate): void
  /** The webhook was set, changed or removed: begins anew with what is pending. */
  reload(): void
  /** Ends when nothing is in flight. */
  stop(): Promise<void>
}

export interface DeliveryOptions {
  /** First wait before an update is sent again, in milliseconds; it doubles up to 64 times. */
  retryMs: number
  timeoutMs: number
}

interface Lane {
  queue: QueuedUpdate[]
  failures: number
}

export function createDelivery(bot: Bot, options: DeliveryOptions): Delivery {
  let client: WebhookClient | undefined
  let lanes = new Map<string, Lane>()
  let waiting: Lane[] = []
  let active = 0
  const flights = new Set<Promise<void>>()
  const timers = new Set<NodeJS.Timeout>()

  function enqueue(update: QueuedUpdate): void {
    if (!client) return
    const lane = lanes.get(update.chatId)
    if (lane) {
      lane.queue.push(update)
      return
    }
    const made = { queue: [update], failures: 0 }
    lanes.set(update.chatId, made)
    if (active < (bot.webhook?.maxConnections ?? 0)) begin(made)
    else waiting.push(made)
  }

  function begin(lane: Lane): void {
    active += 1
    fly(lane)
  }

  function fly(lane: Lane): void {
    const flight: Promise<void> = deliver(lane).finally(() => flights.delete(flight))
    flights.add(flight)
  }

  function settle(lane: Lane): void {
    const [done, next] = lane.queue
    lane.queue.shift()
    lane.failures = 0
    if (done) bot.updates.delete(done.id)
    bot.changed()
    if (next) return fly(lane)
    if (done) lanes.delete(done.chatId)
    active -= 1
    const first = waiting.shift()
    if (first) begin(first)
  }

  async function deliver(lane: Lane): Promise<void> {
    const used = client
    const [update] = lane.queue
    if (!used || !update) return
    const result = await used.post(update.body)
    // The webhook changed meanwhile: everything pending was taken over by the new lanes.
    if (used !== client) return
    if (result.error === undefined) return settle(lane)
    if (bot.webhook) {
      bot.webhook.lastErrorDate = Math.floor(Date.now() / 1000)
      bot.webhook.lastErrorMessage = result.error
    }
    bot.changed()
    const ms =
      result.retryAfter > 0 ? result.retryAfter * 1000 : options.retryMs * 2 ** Math.min(lane.failures, 6)
    lane.failures += 1
    const timer = setTimeout(() => {
      timers.delete(timer)
      if (used === client) fly(lane)
    }, ms)
    timers.add(timer)
  }

  function reset(): void {
    for (const timer of timers) clearTimeout(timer)
    timers.clear()
    const old = client
    client = undefined
    lanes = new Map()
    waiting = []
    active = 0
    if (old) void old.close()
  }

  return {
    enqueue,
    reload() {
      reset()
      if (!bot.webhook) return
      client = createWebhookClient(bot.webhook, options.timeoutMs)
      for (const update of bot.updates.values()) enqueue(update)
    },
    async stop() {
      reset()
      await Promise.all(flights)
    },
  }
}
