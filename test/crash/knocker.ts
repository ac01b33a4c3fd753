import { setTimeout as sleep } from 'node:timers/promises'
import type { Town } from './town.ts'
import type { Witness } from './witness.ts'

/** Calls the webhook itself, over and over, to see every answer it gets. */
export interface Knocker {
  /** How often each status came since the last time; 0: no answer. */
  statuses(): Record<string, number>
  /** Whether anything was refused, or not answered, since then. */
  refused(): boolean
  /** Refusals without a Retry-After. */
  rude(): number
  stop(): Promise<void>
}

const chat = '7000000000001'
const everyMs = 50
const patienceMs = 10_000

/** One question after the other, each again until it is taken, as Telegram would. */
export function startKnocking({ bot, front, env }: Town, witness: Witness): Knocker {
  bot.person(chat)
  const headers = {
    'content-type': 'application/json',
    'x-telegram-bot-api-secret-token': env.TELEGRAM_WEBHOOK_SECRET ?? '',
  }
  let seen: Record<string, number> = {}
  let rude = 0
  let stopped = false

  async function knock(body: string): Promise<number> {
    const signal = AbortSignal.timeout(patienceMs)
    const response = await fetch(`${front}/webhook/telegram`, { method: 'POST', headers, body, signal })
    await response.arrayBuffer()
    if (response.status === 503 && response.headers.get('retry-after') === null) rude += 1
    return response.status
  }

  async function run(): Promise<void> {
    for (let update = 1; !stopped; update += 1) {
      const body = updateOf(update, witness.ask(chat))
      for (let status = 0; status !== 200; ) {
        status = await knock(body).catch(() => 0)
        seen[status] = (seen[status] ?? 0) + 1
        await sleep(everyMs)
      }
    }
  }

  const running = run()
  return {
    statuses() {
      const since = seen
      seen = {}
      return since
    },
    refused: () => Object.keys(seen).some((status) => status !== '200'),
    rude: () => rude,
    stop() {
      stopped = true
      return running
    },
  }
}

function updateOf(update: number, text: string): string {
  const person = { id: Number(chat), first_name: 'Knocker' }
  return JSON.stringify({
    update_id: update,
    message: {
      message_id: 1_000_000 + update,
      date: Math.floor(Date.now() / 1000),
      chat: { ...person, type: 'private' },
      from: { ...person, is_bot: false },
      text,
    },
  })
}
