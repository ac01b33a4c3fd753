import type { Bus, BusEvent } from '../../coordination/coordination.ts'

export interface Followed {
  session: string
  /** The session's own topic: its first message is told there. */
  chat: string
  /** The session's conversation, once it has one. */
  find(): Promise<string | undefined>
}

/** Where the events of a session come from: its own topic, and its conversation's from when there is one. */
export interface Topic {
  begin(): void
  /** The conversation exists now. */
  attach(conversationId: string): void
  /** The conversation, looked for while it is not known: that it began may have been missed. */
  conversation(): Promise<string | undefined>
  close(): void
}

export function createTopic(
  { chat, find }: Followed,
  needs: { bus: Bus; onEvent(event: BusEvent): void; onAttached(): void },
): Topic {
  const { bus, onEvent, onAttached } = needs
  let conversation: string | undefined
  let unsubscribe: (() => void) | undefined
  let closed = false

  function attach(id: string): void {
    if (conversation || closed) return
    unsubscribe?.()
    conversation = id
    unsubscribe = bus.subscribe(id, onEvent)
    onAttached()
  }

  return {
    begin() {
      unsubscribe = bus.subscribe(chat, onEvent)
    },
    attach,
    async conversation() {
      const found = conversation ?? (await find())
      if (found) attach(found)
      return closed ? undefined : conversation
    },
    close() {
      closed = true
      unsubscribe?.()
    },
  }
}
