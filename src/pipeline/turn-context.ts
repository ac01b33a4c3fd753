import type { Turn } from '../answers/answers.ts'
import type { Channel, Destination } from '../channels/channel.ts'
import type { Bus } from '../coordination/coordination.ts'
import type { Contact, Role } from '../model/contact.ts'
import type { Conversation } from '../model/conversation.ts'
import { newId } from '../model/ids.ts'
import { detectLanguage, type Language } from '../model/language.ts'
import type { Said } from '../model/message.ts'
import type { Charge } from '../model/money.ts'
import type { SaidRange, TakenTurn } from '../store/store.ts'
import { createThrottle } from './throttle.ts'

export interface TurnContext {
  /** Reads what was said, for many turns together. */
  readSaid: (asked: SaidRange) => Promise<Said[]>
  bus: Bus
  /** The tenant's languages, the default first. */
  languages: () => readonly Language[]
  roleOf: (contact: Contact) => Role
}

/** The least time between two previews of one answer. */
const previewMs = 40

/**
 * What the answers see of a taken turn. `end` stops previews: nothing is shown after the commit. `charges` are those the
 * answers have collected so far.
 */
export function composeTurn(
  { readSaid, bus, languages, roleOf }: TurnContext,
  taken: TakenTurn,
  signal: AbortSignal,
  channel: Channel | undefined,
): { turn: Turn; end: () => void; charges: readonly Charge[] } {
  const { conversation, contact, pending, attempt } = taken
  const id = newId()
  const destination = destinationOf(conversation)
  const followed = isFollowed(channel)
  const preview = createThrottle(previewMs, (text: string) => {
    if (followed) bus.publish({ type: 'preview', conversationId: conversation.id, turnId: id, attempt, text })
    channel?.preview?.(destination, id, text)
  })
  const text = pending.map((message) => message.text).join('\n')
  const first = pending[0]?.seq ?? 0
  const charges: Charge[] = []
  const turn: Turn = {
    id,
    attempt,
    conversation,
    contact,
    role: roleOf(contact),
    messages: pending,
    text,
    language: languageOf(taken, languages()),
    signal,
    history: (limit, after = 0) => readSaid({ conversationId: conversation.id, after, before: first, limit }),
    preview: (soFar) => {
      if (channel?.capabilities.preview) preview.push(soFar)
    },
    charge: (charge) => void charges.push(charge),
  }
  return { turn, end: preview.end, charges }
}

/** Whether people see the rows themselves, as they are told on the bus; on other channels the platform shows them. */
export const isFollowed = (channel: Channel | undefined): boolean => channel?.capabilities.delivery === 'pull'

export const destinationOf = (conversation: Conversation): Destination => ({
  conversationId: conversation.id,
  chatId: conversation.chatId,
  threadId: conversation.threadId,
  kind: conversation.kind,
})

/** What the person writes now, else what was spoken before, else what the platform says, else the default. */
function languageOf({ conversation, contact, pending }: TakenTurn, languages: readonly Language[]): Language {
  const words = pending.filter((message) => message.kind === 'text' && !message.text.startsWith('/'))
  const candidates = [
    detectLanguage(words.map((message) => message.text).join('\n')),
    conversation.language,
    contact.language,
  ]
  return candidates.find((language) => language && languages.includes(language)) ?? languages[0] ?? 'en'
}
