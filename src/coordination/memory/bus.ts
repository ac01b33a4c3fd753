import type { Bus, BusEvent } from '../coordination.ts'

/** The bus of a single process: handlers are called at once. */
export function createMemoryBus(): Bus {
  const handlers = new Map<string, Set<(event: BusEvent) => void>>()
  return {
    publish(event, topic = event.conversationId) {
      for (const handler of handlers.get(topic) ?? []) handler(event)
    },
    subscribe(topic, handler) {
      const own = handlers.get(topic) ?? new Set()
      handlers.set(topic, own)
      own.add(handler)
      return () => {
        own.delete(handler)
        if (own.size === 0 && handlers.get(topic) === own) handlers.delete(topic)
      }
    },
  }
}
