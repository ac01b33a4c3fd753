import type { StoredMessage } from '../model/message.ts'
import type { PageMessage } from './contract/socket.ts'

/** A row of the history as a page shows it. */
export function toPageMessage(message: StoredMessage): PageMessage {
  return {
    seq: message.seq,
    author: message.author,
    text: message.extra?.label ?? message.text,
    at: message.createdAt,
    ...(message.buttons ? { buttons: message.buttons } : {}),
    ...(message.updateId ? { id: message.updateId } : {}),
    ...(message.turnId && message.author !== 'contact' ? { turn: message.turnId } : {}),
  }
}
