import { lastAddressIn } from '../answers/handoff/address.ts'
import type { Handoff } from '../store/store.ts'

/** Where a person who asked for a human can be reached, where they told it. */
export const addressOf = ({ summary }: Pick<Handoff, 'summary'>): string | undefined =>
  lastAddressIn(summary)?.value
