import type { Log } from '../../ops/log.ts'
import type { Destination } from '../channel.ts'

/**
 * Where chats went: a group that becomes a supergroup gets another id, and the old one takes nothing more (Bot API,
 * "ResponseParameters"). Forgotten with the process; the next refusal tells it again.
 */
export interface MovedChats {
  /** The destination as it is reached now. */
  follow<D extends Pick<Destination, 'chatId'>>(destination: D): D
  learn(from: string, to: string): void
}

const mostChats = 1000

export function createMovedChats(log: Log): MovedChats {
  const moved = new Map<string, string>()
  return {
    follow(destination) {
      const chatId = moved.get(destination.chatId)
      return chatId === undefined ? destination : { ...destination, chatId }
    },
    learn(from, to) {
      if (moved.get(from) === to) return
      const [oldest] = moved.keys()
      if (moved.size >= mostChats && oldest !== undefined) moved.delete(oldest)
      moved.set(from, to)
      log.warn(
        { chatId: from, newChatId: to },
        'a group became a supergroup and has a new id; replies go there. If AGENT_GROUP_CHAT_ID is the old id, set the new one',
      )
    },
  }
}
