/** A value with listeners, as React's `useSyncExternalStore` wants it. */
export interface Store<State, Event> {
  get(): State
  /** Calls back after each change; the result ends that. */
  subscribe(listener: () => void): () => void
  dispatch(event: Event): void
}

export function createStore<State, Event>(
  initial: State,
  apply: (state: State, event: Event) => State,
): Store<State, Event> {
  let state = initial
  const listeners = new Set<() => void>()
  return {
    get: () => state,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    dispatch(event) {
      const next = apply(state, event)
      if (next === state) return
      state = next
      for (const listener of listeners) listener()
    },
  }
}
