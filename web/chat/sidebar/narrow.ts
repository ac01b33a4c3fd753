import { useSyncExternalStore } from 'react'

/** The same width as in `chat.css`. */
const narrow = matchMedia('(max-width: 820px)')

function subscribe(listener: () => void): () => void {
  narrow.addEventListener('change', listener)
  return () => narrow.removeEventListener('change', listener)
}

/** Whether the list of chats is a drawer. */
export const useNarrow = (): boolean => useSyncExternalStore(subscribe, () => narrow.matches)
