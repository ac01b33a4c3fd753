import type { Clock } from '../../model/time.ts'
import type { Destination } from '../channel.ts'
import type { BotApi } from './api.ts'
import { target } from './sender.ts'

/** Telegram shows "typing" for five seconds or until a message comes. */
const everyMs = 4000
const mostChats = 10_000

/** Shows "typing", at most every four seconds for a conversation. Failures do not matter. */
export function createTyping(needs: { api: BotApi; clock: Clock; blockedFor(): number }) {
  const { api, clock, blockedFor } = needs
  const shownAt = new Map<string, number>()
  return (destination: Destination): void => {
    const now = clock.now()
    const { conversationId } = destination
    if (blockedFor() > 0 || now - (shownAt.get(conversationId) ?? 0) < everyMs) return
    if (shownAt.size >= mostChats) shownAt.clear()
    shownAt.set(conversationId, now)
    void api.call('sendChatAction', { ...target(destination), action: 'typing' })
  }
}
