import type { Language } from './language.ts'

/** What a person may do. Contacts are `contact`; the other roles belong to staff. */
export type Role = 'contact' | 'agent' | 'senior_agent' | 'admin' | 'super_admin'

/** Somebody who talks to the bot, known by the id their platform gave them. */
export interface Contact {
  id: string
  channel: string
  /** The platform's id as text: Telegram's do not fit a JavaScript number. */
  platformId: string
  name: string
  language: Language | undefined
  blocked: boolean
}
