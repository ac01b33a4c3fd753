import type { Language } from '../../model/language.ts'
import type { Incoming } from '../../model/message.ts'

/** What a page did, and who is behind it. */
export interface PageAction {
  /** The visitor's id, from the signed cookie. */
  visitor: string
  session: string
  /** The page's own id of this message: the same one is stored once. */
  id: string
  kind: 'text' | 'button'
  text: string
  /** The label of a pressed button. */
  label?: string
  language: Language | undefined
}

/** A session belongs to its visitor: the chat id holds both, so that nobody reaches a session of somebody else. */
export const chatIdOf = (visitor: string, session: string): string => `${visitor}/${session}`

export const sessionOf = (chatId: string): string => chatId.slice(chatId.indexOf('/') + 1)

export function toIncoming(action: PageAction): Incoming {
  return {
    channel: 'web',
    account: 'web',
    updateId: action.id,
    chat: { id: chatIdOf(action.visitor, action.session), thread: '', kind: 'private' },
    sender: { id: action.visitor, name: '', language: action.language },
    kind: action.kind,
    text: action.text,
    platformId: '',
    ...(action.label === undefined ? {} : { extra: { label: action.label } }),
  }
}
