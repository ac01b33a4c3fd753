export interface HealerNeeds {
  /** Everybody who may have missed something. */
  topics(): string[]
  heal(topic: string): void
}

/** Tells everybody that something may have been missed, spread out so that the database is not asked by all at once. */
export interface Healer {
  /** Once for everybody. */
  round(): void
  /** Again and again, or no longer. */
  keep(on: boolean): void
  stop(): void
}

const tickMs = 100
/** A round takes this long, in milliseconds, and longer where that would be more than so many at a tick. */
const roundMs = 3000
const mostPerTick = 100

export function createHealer({ topics, heal }: HealerNeeds): Healer {
  let left: string[] = []
  let perTick = 1
  let roundEnds = 0
  let keeping = false
  let timer: NodeJS.Timeout | undefined

  function begin(): void {
    left = topics()
    perTick = Math.min(mostPerTick, Math.ceil((left.length * tickMs) / roundMs))
    roundEnds = performance.now() + roundMs
    timer ??= setInterval(tick, tickMs).unref()
  }

  function tick(): void {
    for (const topic of left.splice(0, perTick)) heal(topic)
    if (left.length > 0) return
    if (!keeping) stop()
    else if (performance.now() >= roundEnds) begin()
  }

  function stop(): void {
    clearInterval(timer)
    timer = undefined
  }

  return {
    round: begin,
    keep(on) {
      if (on && !keeping) begin()
      keeping = on
    },
    stop,
  }
}
