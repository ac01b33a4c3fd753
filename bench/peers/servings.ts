import type { Served } from './model.ts'

/** How the model answered each message, until it is asked for. */
export interface Servings {
  add(served: Served): void
  /** `undefined` for a model that answers at once. */
  take(number: number): Served | undefined
}

export function createServings(): Servings {
  const byNumber = new Map<number, Served>()
  return {
    add: (served) => void byNumber.set(served.number, served),
    take(number) {
      const served = byNumber.get(number)
      byNumber.delete(number)
      return served
    },
  }
}

/** Milliseconds from the request at the model to its last event. */
export const modelMs = (served: Served | undefined): number => (served ? served.lastAt - served.askedAt : 0)
