import { useState } from 'react'

/** What was typed and not sent, kept for each session until it is. */
export function useUnsent(storage: Storage, session: string): [string, (typed: string) => void] {
  const key = `parley.unsent.${session}`
  const [typed, setTyped] = useState(() => storage.getItem(key) ?? '')
  const keep = (next: string) => {
    setTyped(next)
    try {
      if (next.trim() === '') storage.removeItem(key)
      else storage.setItem(key, next)
    } catch {
      // A full storage: the words stay in the field.
    }
  }
  return [typed, keep]
}
