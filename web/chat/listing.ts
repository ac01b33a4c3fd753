import type { Link } from './connection/connection.ts'

/** Changes of the list within this time are asked for once, in milliseconds. */
const togetherMs = 400

/** Asks for the list of sessions after it may have changed. */
export function createListing(send: Link['send']) {
  let asking: ReturnType<typeof setTimeout> | undefined
  return {
    refresh(): void {
      asking ??= setTimeout(() => {
        asking = undefined
        send({ type: 'sessions' })
      }, togetherMs)
    },
    close: (): void => clearTimeout(asking),
  }
}
