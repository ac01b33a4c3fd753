import type { Bell, Doorbell } from '../coordination.ts'

type Handler = (conversationId: string) => Promise<void>

/** One bell: who waits, who is being served, who is to be served again. */
interface Line {
  handler: Handler | undefined
  concurrency: number
  waiting: Set<string>
  running: Map<string, Promise<void>>
  again: Set<string>
  /** Rings that are due later. */
  timers: Map<string, NodeJS.Timeout>
}

const emptyLine = (): Line => ({
  handler: undefined,
  concurrency: 0,
  waiting: new Set(),
  running: new Map(),
  again: new Set(),
  timers: new Map(),
})

/** The doorbell of a single process. A later ring for the same conversation moves one that is not yet due. */
export function createMemoryDoorbell(): Doorbell {
  const lines: Record<Bell, Line> = { turn: emptyLine(), outbox: emptyLine() }
  let closed = false

  function serve(line: Line): void {
    if (!line.handler || closed) return
    for (const id of line.waiting) {
      if (line.running.size >= line.concurrency) return
      line.waiting.delete(id)
      const handler = line.handler
      const done = Promise.resolve(id)
        .then(handler)
        .catch(() => undefined)
        .finally(() => {
          line.running.delete(id)
          if (line.again.delete(id)) queue(line, id)
          else serve(line)
        })
      line.running.set(id, done)
    }
  }

  function queue(line: Line, id: string): void {
    if (closed) return
    if (line.running.has(id)) {
      line.again.add(id)
      return
    }
    line.waiting.add(id)
    serve(line)
  }

  function later(line: Line, id: string, delayMs: number): void {
    clearTimeout(line.timers.get(id))
    const timer = setTimeout(() => {
      line.timers.delete(id)
      queue(line, id)
    }, delayMs)
    line.timers.set(id, timer)
  }

  return {
    ring(bell, conversationId, delayMs = 0) {
      if (closed) return
      if (delayMs > 0) later(lines[bell], conversationId, delayMs)
      else queue(lines[bell], conversationId)
    },
    listen(bell, concurrency, handler) {
      Object.assign(lines[bell], { concurrency, handler })
      serve(lines[bell])
    },
    close() {
      closed = true
      return emptied(Object.values(lines))
    },
  }
}

/** Forgets who waits, and resolves when nobody is served any more. */
async function emptied(lines: Line[]): Promise<void> {
  for (const line of lines) {
    for (const timer of line.timers.values()) clearTimeout(timer)
    line.waiting.clear()
  }
  for (const { running } of lines) while (running.size > 0) await Promise.all(running.values())
}
