interface LaneNeeds<Item> {
  /** The item whose turn it is, if there is one. `underway`: let out over this connection; some may be answered. */
  next: (underway: ReadonlySet<string>) => Item | undefined
  /** False when it cannot leave now; it is tried again when the lane starts anew. */
  transmit: (item: Item) => boolean
  /** The pause after each item, in milliseconds. */
  pauseMs: number
}

/** Lets items out one after the other, with a pause between them. */
export function createLane<Item extends { id: string }>({ next, transmit, pauseMs }: LaneNeeds<Item>) {
  const underway = new Set<string>()
  let pause: ReturnType<typeof setTimeout> | undefined

  function wait(ms: number): void {
    clearTimeout(pause)
    pause = setTimeout(() => {
      pause = undefined
      pump()
    }, ms)
  }

  function pump(): void {
    if (pause !== undefined) return
    const item = next(underway)
    if (!item || !transmit(item)) return
    underway.add(item.id)
    wait(pauseMs)
  }

  return {
    pump,
    /** A new connection: whatever was not answered goes out again. */
    restart(): void {
      underway.clear()
      pump()
    },
    /** One item may go out again, after a wait that holds up the others too. */
    again(id: string, ms: number): void {
      underway.delete(id)
      if (ms > 0) wait(ms)
      else pump()
    },
    close: (): void => clearTimeout(pause),
  }
}
