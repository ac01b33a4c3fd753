/** Rings that are due later; they are lost with the process. */
export interface Delays {
  /** A later ring for the same conversation moves one that is not due yet. */
  later(conversationId: string, ms: number): void
  clear(): void
}

export function createDelays(due: (conversationId: string) => void): Delays {
  const timers = new Map<string, NodeJS.Timeout>()
  return {
    later(id, ms) {
      clearTimeout(timers.get(id))
      const timer = setTimeout(() => {
        timers.delete(id)
        due(id)
      }, ms)
      timers.set(id, timer)
    },
    clear() {
      for (const timer of timers.values()) clearTimeout(timer)
      timers.clear()
    },
  }
}
