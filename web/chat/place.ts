import { isId } from '../ui/identifiers.ts'

const key = 'parley.session'

/** Which session is on screen: the address says it (`/chat#<session>`), so that it can be kept and gone back to. */
export interface Place {
  current(): string
  go(session: string): void
  /** A session not used yet. */
  fresh(): void
  onChange(listener: (session: string) => void): void
}

/** Without a session in the address, the last one goes on. */
export function createPlace(storage: Storage, newId: () => string): Place {
  const ofAddress = () => {
    const id = location.hash.slice(1).toLowerCase()
    return isId(id) ? id : undefined
  }
  const remembered = () => {
    const id = storage.getItem(key) ?? ''
    return isId(id) ? id : undefined
  }
  let session = ofAddress() ?? remembered() ?? newId()
  const enter = (next: string) => {
    session = next
    storage.setItem(key, next)
  }
  enter(session)
  history.replaceState(null, '', `#${session}`)
  const go = (next: string) => {
    location.hash = next
  }
  return {
    current: () => session,
    go,
    fresh: () => go(newId()),
    onChange(listener) {
      addEventListener('hashchange', () => {
        const next = ofAddress()
        if (!next || next === session) return
        enter(next)
        listener(next)
      })
    },
  }
}
