import type { LlmPart } from './llm.ts'

/**
 * Between a connection that pushes and a reader that asks: text that waits is joined to one part. The first text is
 * handed over at once, more of it at most each `pieceMs`, so that a stream of single tokens does not walk through every
 * layer above one by one; the end waits for nothing.
 */
export interface PartQueue {
  text(text: string): void
  /** The last part. */
  finish(part: LlmPart): void
  /** The reader gets what text there is, then this error. */
  fail(error: unknown): void
  /** The reader gets this error at once. */
  abort(reason: unknown): void
  readonly over: boolean
  take(): Promise<LlmPart>
}

/** The least time between two parts of text, in milliseconds: no eye tells them apart. */
const pieceMs = 50

/** For one reader, which asks again only when it has been answered. */
export function createPartQueue(): PartQueue {
  let waiting = ''
  let last: LlmPart | undefined
  let failure: { error: unknown } | undefined
  let reader: PromiseWithResolvers<LlmPart> | undefined
  let pause: NodeJS.Timeout | undefined

  const isOver = (): boolean => failure !== undefined || last !== undefined
  const rest = (): void => {
    pause = undefined
    changed()
  }
  const wake = (): void => {
    if (pause && !isOver()) return
    const asked = reader
    reader = undefined
    if (waiting !== '') {
      const text = waiting
      waiting = ''
      clearTimeout(pause)
      pause = setTimeout(rest, pieceMs).unref()
      asked?.resolve({ type: 'text', text })
    } else if (failure) asked?.reject(failure.error)
    else if (last) asked?.resolve(last)
    else reader = asked
  }
  const changed = (): void => {
    if (reader) wake()
  }
  return {
    text: (text) => {
      waiting += text
      changed()
    },
    finish: (part) => {
      last ??= part
      changed()
    },
    fail: (error) => {
      failure ??= { error }
      changed()
    },
    abort: (reason) => {
      waiting = ''
      failure = { error: reason }
      changed()
    },
    get over() {
      return isOver()
    },
    take: () => {
      reader = Promise.withResolvers<LlmPart>()
      const { promise } = reader
      wake()
      return promise
    },
  }
}
