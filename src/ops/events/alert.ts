import type { EventParts } from './outage.ts'

/** What the team was told by the bot itself; the kind of alert only. */
export interface AlertEvents {
  alertTold(event: { alert: string }): void
  alertOver(event: { alert: string }): void
}

export function createAlertEvents({ log }: EventParts): AlertEvents {
  return {
    alertTold: (event) => log.warn(event, 'the team was told that something is wrong'),
    alertOver: (event) => log.info(event, 'the team was told that it is over'),
  }
}
