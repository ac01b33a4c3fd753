import type { Bus, BusEvent } from '../coordination.ts'

/** The bus of a single process: handlers are called at once. */
export function createMemoryBus(): Bus {
  const handlers = new Map<string, Set<(event: BusEvent) => void>>()
  return {
    publish(event) {
      for (const handler of handlers.get(event.conversationId) ?? []) handler(event)
    },
    subscribe(conversationId, handler) {
      const own = handlers.get(conversationId) ?? new Set()
      handlers.set(conversationId, own)
      own.add(handler)
      return () => {
        own.delete(handler)
        if (own.size === 0 && handlers.get(conversationId) === own) handlers.delete(conversationId)
      }
    },
  }
}
