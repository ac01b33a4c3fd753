/** Keeps what this process holds alive, and tells who lost it. */
export interface Heartbeat {
  /** `onLost` is called once when somebody else took it, or it expired. */
  hold(id: string, onLost: () => void): void
  release(id: string): void
  stop(): void
}

/**
 * `renew` extends the leases of these ids and returns those still held; it is called every `everyMs` while something
 * is held. When it rejects (the database is away) nothing is declared lost: the commit is fenced anyway.
 */
export function createHeartbeat(options: {
  renew: (ids: string[]) => Promise<string[]>
  everyMs: number
}): Heartbeat {
  const held = new Map<string, () => void>()
  let timer: NodeJS.Timeout | undefined

  async function beat(): Promise<void> {
    const before = new Map(held)
    const kept = new Set(await options.renew([...before.keys()]))
    for (const [id, onLost] of before) {
      if (kept.has(id) || held.get(id) !== onLost) continue
      held.delete(id)
      onLost()
    }
  }

  function stop(): void {
    clearInterval(timer)
    timer = undefined
  }

  return {
    hold(id, onLost) {
      held.set(id, onLost)
      timer ??= setInterval(() => void beat().catch(() => undefined), options.everyMs)
    },
    release(id) {
      held.delete(id)
      if (held.size === 0) stop()
    },
    stop,
  }
}
