import type { Served } from './model.ts'

/** How long the model took for each message, until it is asked for. */
export interface Servings {
  add(served: Served): void
  /** Milliseconds from the request to the last event; 0 for a model that answers at once. */
  take(number: number): number
}

export function createServings(): Servings {
  const milliseconds = new Map<number, number>()
  return {
    add: ({ number, askedAt, lastAt }) => void milliseconds.set(number, lastAt - askedAt),
    take(number) {
      const ms = milliseconds.get(number) ?? 0
      milliseconds.delete(number)
      return ms
    },
  }
}
