import type { Events } from '../../ops/events.ts'

export interface ChannelState {
  state: 'up' | 'starting' | 'down'
  detail: string
}

/** The channel's state for the probes; every change of state is an event. */
export interface Health {
  set(state: ChannelState['state'], detail: string): void
  get(): ChannelState
}

export function createHealth(events: Pick<Events, 'channelChanged'>): Health {
  let current: ChannelState = { state: 'starting', detail: 'not started' }
  return {
    set(state, detail) {
      const changed = state !== current.state
      current = { state, detail }
      if (changed) events.channelChanged({ channel: 'telegram', state, detail })
    },
    get: () => current,
  }
}
