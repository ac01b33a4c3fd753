import type { LlmPart } from './llm.ts'

/** Between a connection that pushes and a reader that asks: text that waits is joined to one part. */
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

/** For one reader, which asks again only when it has been answered. */
export function createPartQueue(): PartQueue {
  let waiting = ''
  let last: LlmPart | undefined
  let failure: { error: unknown } | undefined
  let reader: PromiseWithResolvers<LlmPart> | undefined

  const wake = (): void => {
    const asked = reader
    reader = undefined
    if (waiting !== '') {
      const text = waiting
      waiting = ''
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
      return failure !== undefined || last !== undefined
    },
    take: () => {
      reader = Promise.withResolvers<LlmPart>()
      const { promise } = reader
      wake()
      return promise
    },
  }
}
