import type { Clock } from '../../model/time.ts'

/** What one turn shows while its answer is made: the newest text only, seldom, and nothing after the end. */
export interface Draft {
  readonly turnId: string
  show(text: string): void
  /** Shows no more; resolves when nothing is on its way, or after a moment of patience. */
  finish(): Promise<void>
}

export interface DraftNeeds {
  turnId: string
  clock: Clock
  /** Milliseconds until the platform listens again. */
  blockedFor(): number
  push(text: string): Promise<void>
}

const everyMs = 700
/** An answer that is whole sooner is not shown half before, in milliseconds. */
const firstAfterMs = 500
/** A draft that is not answered does not hold the final message longer than this. */
const patienceMs = 1500

export function createDraft({ turnId, clock, blockedFor, push }: DraftNeeds): Draft {
  let newest: string | undefined
  let shownAt = clock.now() + firstAfterMs - everyMs
  let timer: NodeJS.Timeout | undefined
  let flight: Promise<void> | undefined
  let finished = false

  function plan(): void {
    if (timer || flight || newest === undefined || finished) return
    timer = setTimeout(launch, Math.max(0, shownAt + everyMs - clock.now(), blockedFor()))
    timer.unref()
  }

  function launch(): void {
    timer = undefined
    if (newest === undefined) return
    const text = newest
    newest = undefined
    shownAt = clock.now()
    flight = push(text).finally(() => {
      flight = undefined
      plan()
    })
  }

  return {
    turnId,
    show(text) {
      newest = text
      plan()
    },
    async finish() {
      finished = true
      clearTimeout(timer)
      timer = undefined
      if (!flight) return
      const patience = new Promise<void>((resolve) => setTimeout(resolve, patienceMs).unref())
      await Promise.race([flight, patience])
    },
  }
}
