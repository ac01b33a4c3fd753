import type { Clock } from '../../model/time.ts'
import type { Destination } from '../channel.ts'
import type { BotApi } from './api.ts'
import { target } from './sender.ts'

/** Telegram shows "typing" for five seconds or until a message comes. */
const everyMs = 4000
/** An answer that comes sooner needs no sign that it will, in milliseconds. */
const patienceMs = 500
const mostChats = 10_000

export interface Typing {
  /** Shows "typing" in a moment, at most every four seconds for a conversation. Failures do not matter; a 429 is obeyed. */
  show(destination: Destination): void
  /** The answer is here. */
  end(conversationId: string): void
  stop(): void
}

/** `clock`: the steady one. */
export function createTyping(needs: { api: BotApi; clock: Clock; blockedFor(): number }): Typing {
  const { api, clock, blockedFor } = needs
  const shownAt = new Map<string, number>()
  const planned = new Map<string, NodeJS.Timeout>()

  function end(conversationId: string): void {
    clearTimeout(planned.get(conversationId))
    planned.delete(conversationId)
  }

  function launch(destination: Destination): void {
    const { conversationId } = destination
    planned.delete(conversationId)
    if (blockedFor() > 0) return
    if (shownAt.size >= mostChats) shownAt.clear()
    shownAt.set(conversationId, clock.now())
    void act(destination)
  }

  async function act(destination: Destination): Promise<void> {
    const answer = await api.call('sendChatAction', { ...target(destination), action: 'typing' })
    if (answer.ok || answer.status !== 429) return
    shownAt.set(destination.conversationId, clock.now() + (answer.retryAfterMs ?? 0))
  }

  return {
    show(destination) {
      const { conversationId } = destination
      const last = shownAt.get(conversationId)
      if (last !== undefined && clock.now() - last < everyMs) return
      if (planned.has(conversationId) || planned.size >= mostChats) return
      planned.set(conversationId, setTimeout(launch, patienceMs, destination).unref())
    },
    end,
    stop() {
      for (const id of planned.keys()) end(id)
    },
  }
}
