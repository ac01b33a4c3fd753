import type { Client } from './client.ts'

/** Comes back at once when the network or the person does, instead of waiting out a pause. */
export function watchBrowser(client: Client): void {
  addEventListener('online', () => client.reconnect())
  addEventListener('pageshow', () => client.reconnect())
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState !== 'visible') return
    client.reconnect()
    client.refreshSessions()
  })
}
