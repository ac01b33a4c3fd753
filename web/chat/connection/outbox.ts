import type { Draft } from '../session/state.ts'

const prefix = 'parley.outbox.'
/** A message that could not leave for this long says nothing useful any more, in milliseconds. */
const keptFor = 7 * 86_400_000

/** Messages not yet accepted by the server; they outlive the page. One key each, so that tabs never overwrite each other. */
export interface Outbox {
  /** Oldest first. */
  load(now: number): Draft[]
  put(draft: Draft): void
  remove(draft: Draft): void
}

export function createOutbox(storage: Storage): Outbox {
  const keyOf = (draft: Draft) => `${prefix}${draft.session}.${draft.id}`
  return {
    load(now) {
      const keys = Array.from({ length: storage.length }, (_, index) => storage.key(index))
      const kept = keys.flatMap((key) => {
        if (!key?.startsWith(prefix)) return []
        const draft = parseDraft(storage.getItem(key))
        if (draft && now - draft.at < keptFor) return [draft]
        storage.removeItem(key)
        return []
      })
      return kept.toSorted((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1))
    },
    put(draft) {
      attempt(() => storage.setItem(keyOf(draft), JSON.stringify(draft)))
    },
    remove(draft) {
      attempt(() => storage.removeItem(keyOf(draft)))
    },
  }
}

/** A full or blocked storage costs the message its life beyond this page, not its way to the server. */
function attempt(work: () => void): void {
  try {
    work()
  } catch {
    // The draft lives on in memory.
  }
}

function parseDraft(stored: string | null): Draft | undefined {
  try {
    const value: unknown = JSON.parse(stored ?? 'null')
    return isDraft(value) ? value : undefined
  } catch {
    return undefined
  }
}

const isDraft = (value: unknown): value is Draft =>
  typeof value === 'object' &&
  value !== null &&
  'id' in value &&
  typeof value.id === 'string' &&
  'session' in value &&
  typeof value.session === 'string' &&
  'text' in value &&
  typeof value.text === 'string' &&
  'at' in value &&
  typeof value.at === 'number' &&
  'state' in value &&
  (value.state === 'pending' || value.state === 'failed')
