import { complains } from './complaint.ts'
import { asksHowToReach } from './reach-team.ts'

/** What a text wants of the team without asking for a human outright. */
export function wishIn(text: string): 'contact' | 'complaint' | undefined {
  if (asksHowToReach(text)) return 'contact'
  return complains(text) ? 'complaint' : undefined
}
