import { textOf } from './numbers.ts'

/** What a person says before somebody else takes their place: conversations are short, as they are in life. */
export const messagesOfPerson = 10

let lastNumber = 1000
let lastChat = 100_000

/** A number nothing had before, for a message and its update. */
export function newNumber(): number {
  lastNumber += 1
  return lastNumber
}

/** The private chat of a person nobody saw before. */
export function newChat(): number {
  lastChat += 1
  return lastChat
}

/** A text message as Telegram delivers it. */
export const updateOf = (chat: number, number: number): string =>
  JSON.stringify({
    update_id: number,
    message: {
      message_id: number,
      from: { id: chat, is_bot: false, first_name: 'Ann', language_code: 'en' },
      chat: { id: chat, first_name: 'Ann', type: 'private' },
      date: 1_700_000_000,
      text: textOf(number),
    },
  })
