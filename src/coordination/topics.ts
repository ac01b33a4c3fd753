import type { BusEvent } from './coordination.ts'

export type Hear = (event: BusEvent) => void

/** Who listens to what in this process. */
export interface Topics {
  /** Returns how to leave; `onEmpty` is called when the last one of the topic left. */
  add(topic: string, hear: Hear, onEmpty?: () => void): () => void
  tell(topic: string, event: BusEvent): void
  has(topic: string): boolean
  names(): string[]
}

export function createTopics(): Topics {
  const listeners = new Map<string, Set<Hear>>()
  return {
    add(topic, hear, onEmpty) {
      const own = listeners.get(topic) ?? new Set()
      listeners.set(topic, own)
      own.add(hear)
      return () => {
        own.delete(hear)
        if (own.size > 0 || listeners.get(topic) !== own) return
        listeners.delete(topic)
        onEmpty?.()
      }
    },
    tell(topic, event) {
      for (const hear of listeners.get(topic) ?? []) hear(event)
    },
    has: (topic) => listeners.has(topic),
    names: () => [...listeners.keys()],
  }
}
