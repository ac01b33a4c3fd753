import { ParleyError } from '../../model/errors.ts'
import type { Events } from '../../ops/events.ts'
import { networkOf } from '../address.ts'

export interface SocketRoomNeeds {
  /** Open at once, and of one address, now. */
  most: number
  mostOfAddress: () => number
  events: Pick<Events, 'socketRefused'>
}

/** How many sockets may be open. */
export interface SocketRoom {
  /** Throws `OVERLOADED` (503), or `RATE_LIMITED` (429) when one address has them all. */
  check(address: string): void
  /** Takes a place; returns how it is given back, or nothing where there is none. */
  enter(address: string): (() => void) | undefined
}

const retryAfterMs = 5000

export function createSocketRoom({ most, mostOfAddress, events }: SocketRoomNeeds): SocketRoom {
  const byNetwork = new Map<string, number>()
  let open = 0

  const fullFor = (network: string): 'process' | 'address' | undefined => {
    if (open >= most) return 'process'
    return (byNetwork.get(network) ?? 0) >= mostOfAddress() ? 'address' : undefined
  }

  function leave(network: string): void {
    open -= 1
    const left = (byNetwork.get(network) ?? 1) - 1
    if (left > 0) byNetwork.set(network, left)
    else byNetwork.delete(network)
  }

  return {
    check(address) {
      const reason = fullFor(networkOf(address))
      if (reason === undefined) return
      events.socketRefused({ reason })
      if (reason === 'process') throw new ParleyError('OVERLOADED', undefined, { status: 503, retryAfterMs })
      throw new ParleyError('RATE_LIMITED', 'Too many pages of this address are open.', {
        status: 429,
        retryAfterMs,
      })
    },
    enter(address) {
      const network = networkOf(address)
      if (fullFor(network)) return undefined
      open += 1
      byNetwork.set(network, (byNetwork.get(network) ?? 0) + 1)
      return () => leave(network)
    },
  }
}
