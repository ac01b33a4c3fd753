import type { CallbackQuery, Chat, Message, Update, User } from '@grammyjs/types'
import { languageOfTag } from '../../model/language.ts'
import type { Incoming } from '../../model/message.ts'
import { type Addressing, addressedText, ownCommand } from './addressed.ts'

/** Kinds of updates the bot asks for; others never come. */
export const wantedUpdates = ['message', 'edited_message', 'callback_query'] as const

/** What an update is to us. */
export interface Translation {
  /** `undefined`: nothing to answer. */
  incoming: Incoming | undefined
  /** A pressed button that must be acknowledged although nothing is answered. */
  callbackId: string | undefined
}

/** An update whose shape is not Telegram's, or of a kind nobody asked for. */
export const untranslated: Translation = { incoming: undefined, callbackId: undefined }

const media = [
  'photo',
  'voice',
  'video',
  'video_note',
  'audio',
  'document',
  'sticker',
  'animation',
  'location',
  'venue',
  'contact',
  'poll',
  'dice',
  'story',
] as const

/** Turns an update into our words. Ids may be numbers or, beyond 2^53, their digits as text. */
export function translate(update: Update, by: Addressing): Translation {
  const { callback_query: query, message = update.edited_message } = update
  requireShape(query, message)
  if (query) return translatePress(update, query, by)
  const incoming = message ? translateMessage(update, message, by) : undefined
  return incoming ? { incoming, callbackId: undefined } : untranslated
}

/** What we read of an update has the type Telegram promises; throws a `TypeError` otherwise. */
function requireShape(query: CallbackQuery | undefined, message: Message | undefined): void {
  const said = message ?? query?.message
  const person = message?.from ?? query?.from
  const texts = [
    query?.id,
    query?.data,
    message?.text,
    message?.caption,
    said?.chat.type,
    person?.first_name,
    person?.last_name,
    person?.username,
    person?.language_code,
  ]
  if (texts.some((text) => text !== undefined && typeof text !== 'string'))
    throw new TypeError('a text is no string')
  if (query && query.id === undefined) throw new TypeError('a press has no id')
  if (said && !(isId(said.chat.id) && isId(said.message_id))) throw new TypeError('an id is no number')
  const others = [person && (person.id ?? null), message?.migrate_to_chat_id]
  if (others.some((id) => id !== undefined && !isId(id))) throw new TypeError('an id is no number')
}

/** Beyond 2^53 ids come as their digits. */
const isId = (value: unknown): boolean =>
  Number.isSafeInteger(value) || (typeof value === 'string' && /^-?\d{1,20}$/.test(value))

function translateMessage(update: Update, message: Message, by: Addressing): Incoming | undefined {
  const { from, chat } = message
  if (!from || from.is_bot || chat.type === 'channel') return undefined
  const kind = media.find((name) => message[name] !== undefined)
  if (message.text === undefined && kind === undefined) return undefined
  const isEdit = update.edited_message !== undefined
  const written = message.text ?? message.caption ?? ''
  // Each move of a live location is told as an edit, and so is what nobody sees (Bot API, `edited_message`).
  if (isEdit && written === '') return undefined
  const text = chat.type === 'private' ? ownCommand(written, by) : addressedText(message, by)
  if (text === undefined) return undefined
  return {
    ...common(update, by.id, from),
    chat: chatOf(chat, message),
    kind: isEdit ? 'edit' : 'text',
    text,
    platformId: String(message.message_id),
    extra: { ...about(from), ...(kind === undefined ? {} : { media: kind }) },
  }
}

function translatePress(update: Update, query: CallbackQuery, by: Addressing): Translation {
  const { message, data, from, id } = query
  if (!message || data === undefined || from.is_bot || message.chat.type === 'channel') {
    return { incoming: undefined, callbackId: id }
  }
  const label = labelOf(message, data)
  const incoming: Incoming = {
    ...common(update, by.id, from),
    chat: chatOf(message.chat, message),
    kind: 'button',
    text: data,
    platformId: String(message.message_id),
    extra: { ...about(from), callbackId: id, ...(label === undefined ? {} : { label }) },
  }
  return { incoming, callbackId: undefined }
}

function common(update: Update, account: string, from: User) {
  const name = [from.first_name, from.last_name].filter(Boolean).join(' ').slice(0, 128)
  return {
    channel: 'telegram',
    account,
    updateId: String(update.update_id),
    sender: {
      id: String(from.id),
      name: name || from.username || String(from.id),
      language: languageOfTag(from.language_code),
    },
  }
}

type Place = Pick<Message, 'message_thread_id' | 'is_topic_message'> | object

function chatOf(chat: Chat, message: Place): Incoming['chat'] {
  const topic =
    'is_topic_message' in message && message.is_topic_message ? message.message_thread_id : undefined
  if (topic !== undefined && !isId(topic)) throw new TypeError('an id is no number')
  return {
    id: String(chat.id),
    thread: topic === undefined ? '' : String(topic),
    kind: chat.type === 'private' ? 'private' : 'group',
  }
}

const about = ({ username }: User): Record<string, string> => (username === undefined ? {} : { username })

function labelOf(message: object, data: string): string | undefined {
  const markup = 'reply_markup' in message ? (message as Message).reply_markup : undefined
  const button = markup?.inline_keyboard
    .flat()
    .find((button) => 'callback_data' in button && button.callback_data === data)
  return typeof button?.text === 'string' ? button.text : undefined
}
