export type Serve = (conversationId: string) => Promise<void>

/** One bell of this process: who waits, who is being served, who is to be served again. */
export interface Line {
  listen(concurrency: number, serve: Serve): void
  /** Serves it once there is room; again, when it is being served now. */
  queue(conversationId: string): void
  isServing(conversationId: string): boolean
  /** How many more could be served now. */
  room(): number
  /** Serves nobody more and tells who waited; `served` resolves when nobody is served any more. */
  close(): { waited: string[]; served: Promise<void> }
}

/** Who comes when so many wait is not kept: the sweep brings them back. */
const mostWaiting = 10_000

/** `onRoom` is called whenever somebody was served. */
export function createLine(onRoom: () => void = () => undefined): Line {
  const waiting = new Set<string>()
  const running = new Map<string, Promise<void>>()
  const again = new Set<string>()
  let serve: Serve | undefined
  let concurrency = 0
  let closed = false

  function next(): void {
    if (!serve || closed) return
    for (const id of waiting) {
      if (running.size >= concurrency) return
      waiting.delete(id)
      running.set(id, run(id, serve))
    }
  }

  async function run(id: string, handler: Serve): Promise<void> {
    // The one who rings is never held up by what a handler does first.
    await Promise.resolve()
    await handler(id).catch(() => undefined)
    running.delete(id)
    if (again.delete(id)) queue(id)
    else next()
    onRoom()
  }

  function queue(id: string): void {
    if (closed) return
    if (running.has(id)) again.add(id)
    else if (waiting.size < mostWaiting) waiting.add(id)
    next()
  }

  return {
    listen(most, handler) {
      concurrency = most
      serve = handler
      next()
    },
    queue,
    isServing: (id) => running.has(id),
    room: () => (serve && !closed ? Math.max(0, concurrency - running.size - waiting.size) : 0),
    close() {
      closed = true
      const waited = [...waiting, ...again]
      waiting.clear()
      again.clear()
      return { waited, served: emptied(running) }
    },
  }
}

async function emptied(running: ReadonlyMap<string, Promise<void>>): Promise<void> {
  while (running.size > 0) await Promise.all(running.values())
}
