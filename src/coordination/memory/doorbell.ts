import type { Bell, Doorbell } from '../coordination.ts'
import { createDelays } from '../delays.ts'
import { createLine } from '../line.ts'

/** The doorbell of a single process. */
export function createMemoryDoorbell(): Doorbell {
  const bells: Record<Bell, ReturnType<typeof createBell>> = { turn: createBell(), outbox: createBell() }
  let closed = false
  return {
    ring(bell, conversationId, delayMs = 0) {
      if (closed) return
      if (delayMs > 0) bells[bell].delays.later(conversationId, delayMs)
      else bells[bell].line.queue(conversationId)
    },
    listen: (bell, concurrency, handler) => bells[bell].line.listen(concurrency, handler),
    async close() {
      closed = true
      await Promise.all(
        Object.values(bells).map(({ line, delays }) => {
          delays.clear()
          return line.close().served
        }),
      )
    },
  }
}

function createBell() {
  const line = createLine()
  return { line, delays: createDelays(line.queue) }
}
