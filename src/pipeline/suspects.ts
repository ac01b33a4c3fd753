import { steadyClock } from '../model/time.ts'
import type { TakenTurn } from '../store/store.ts'

/** From this try on a turn may be what ends its process. */
const suspectFrom = 4
/** For so long no other suspect is worked on beside it: the more often it was tried, the longer. */
const firstAloneMs = 2000
const longestAloneMs = 30_000

/** Turns that may end the process, one at a time: those that were only beside it when it ended get their answer. */
export interface Suspects {
  /** Of a batch, those that have to wait; the least tried has the way. */
  waiting(taken: readonly TakenTurn[]): TakenTurn[]
  /** Told of those that were given back. */
  wait(turns: readonly TakenTurn[]): void
  /** Told of each turn that is worked on. Tells whether it is a suspect. */
  begin(turn: TakenTurn): boolean
  /** Told of each turn that is over. */
  end(conversationId: string): void
  /** The conversations that waited and may try again, as nobody is in front of them. */
  next(): string[]
}

/** `mostTries`: after as many a turn is not worked on any more, only apologised for. */
export function createSuspects(mostTries: number, { now } = steadyClock): Suspects {
  let atWork: string | undefined
  let until = 0
  const line = new Set<string>()
  const isSuspect = ({ attempt }: TakenTurn): boolean => attempt >= suspectFrom && attempt <= mostTries

  return {
    waiting(taken) {
      const suspects = taken.filter(isSuspect).sort((a, b) => a.attempt - b.attempt)
      return atWork !== undefined && now() < until ? suspects : suspects.slice(1)
    },
    wait(turns) {
      for (const { conversation } of turns) line.add(conversation.id)
    },
    begin(turn) {
      line.delete(turn.conversation.id)
      if (!isSuspect(turn)) return false
      atWork = turn.conversation.id
      until = now() + Math.min(firstAloneMs * 2 ** (turn.attempt - suspectFrom), longestAloneMs)
      return true
    },
    end(conversationId) {
      if (atWork === conversationId) atWork = undefined
    },
    next() {
      if (atWork !== undefined || line.size === 0) return []
      const waiting = [...line]
      line.clear()
      return waiting
    },
  }
}
