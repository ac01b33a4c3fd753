import type { Turn } from '../../src/answers/answers.ts'
import type { Contact } from '../../src/model/contact.ts'
import type { Conversation } from '../../src/model/conversation.ts'
import type { StoredMessage } from '../../src/model/message.ts'

export interface TestTurn extends Turn {
  /** Every preview shown, in order. */
  previews: string[]
}

/** What differs from a plain private chat of one person called Anna, in English. */
export interface TurnDetails
  extends Partial<Omit<Turn, 'conversation' | 'contact' | 'history' | 'messages'>> {
  conversation?: Partial<Conversation>
  contact?: Partial<Contact>
  /** Handled before this turn, oldest first. */
  past?: StoredMessage[]
}

/** A message of the contact, unless `details` say otherwise. */
export function messageOf(text: string, details: Partial<StoredMessage> = {}): StoredMessage {
  return {
    conversationId: 'conversation-1',
    seq: 1,
    author: 'contact',
    contactId: 'contact-1',
    kind: 'text',
    text,
    buttons: undefined,
    language: undefined,
    platformId: '',
    state: 'received',
    turnId: undefined,
    updateId: '',
    extra: undefined,
    createdAt: 0,
    ...details,
  }
}

/** A press on a button with this action. */
export const pressOf = (action: string): StoredMessage => messageOf(action, { kind: 'button' })

/** A turn about these messages, each a text or a whole message. */
export function turnOf(said: (string | StoredMessage)[], details: TurnDetails = {}): TestTurn {
  const { past = [], conversation, contact, ...rest } = details
  const messages = said.map((each, index) => ({
    ...(typeof each === 'string' ? messageOf(each) : each),
    seq: past.length + index + 1,
  }))
  const previews: string[] = []
  return {
    id: 'turn-1',
    attempt: 1,
    conversation: { ...privateChat, ...conversation },
    contact: { ...anna, ...contact },
    role: 'contact',
    messages,
    text: messages.map(({ text }) => text).join('\n'),
    language: 'en',
    signal: new AbortController().signal,
    history: async (limit, after = 0) => past.filter(({ seq }) => seq > after).slice(-limit),
    preview: (text) => previews.push(text),
    previews,
    ...rest,
  }
}

const privateChat: Conversation = {
  id: 'conversation-1',
  channel: 'web',
  account: 'web',
  chatId: 'chat-1',
  threadId: '',
  kind: 'private',
  status: 'bot',
  epoch: 0,
  language: undefined,
  summary: '',
  summarySeq: 0,
}

const anna: Contact = {
  id: 'contact-1',
  channel: 'web',
  platformId: 'visitor-1',
  name: 'Anna',
  language: undefined,
  blocked: false,
}
