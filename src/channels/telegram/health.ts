import type { Events } from '../../ops/events.ts'
import type { ChannelStatus } from '../channel.ts'
import type { ApiFailure } from './api.ts'
import { isTokenRefused } from './send-fault.ts'

/** The channel's state for the probes; every change of state is an event. */
export interface Health {
  set(state: ChannelStatus['state'], detail: string, fault?: ChannelStatus['fault']): void
  /** Down, because of what Telegram answered. */
  failed(failure: Pick<ApiFailure, 'status' | 'description'>): void
  get(): ChannelStatus
}

export function createHealth(events: Pick<Events, 'channelChanged'>): Health {
  let current: ChannelStatus = { state: 'starting', detail: 'not started' }
  function become(next: ChannelStatus): void {
    const changed = next.state !== current.state
    current = next
    const { state, detail } = next
    if (changed) events.channelChanged({ channel: 'telegram', state, detail })
  }
  return {
    set: (state, detail, fault) => become({ state, detail, ...(fault && { fault }) }),
    failed({ status, description }) {
      if (status === 0) {
        // Of the words of the network only the name of the fault: the rest may name hosts.
        const code = /\((\w+)/.exec(description)?.[1]
        const detail = `Telegram cannot be reached${code ? `, ${code}` : ''}: check the network of this machine`
        return become({ state: 'down', detail, fault: 'unreachable' })
      }
      if (status === 409) {
        const detail = `another program fetches the messages of this bot; stop it, or give it a bot of its own (${description})`
        return become({ state: 'down', detail, fault: 'taken' })
      }
      if (!isTokenRefused(status)) return become({ state: 'down', detail: description })
      const detail = `Telegram refuses the token (${status}): set TELEGRAM_BOT_TOKEN`
      become({ state: 'down', detail, fault: 'refused' })
    },
    get: () => current,
  }
}
