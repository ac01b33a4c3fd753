import type { MessageEntity, Update } from '@grammyjs/types'
import { wireChat, wireMessage, wireUser } from './chats.ts'
import { findEntities } from './formatting/found.ts'
import { newCallbackId } from './methods/messages.ts'
import type { Bot, ChatMessage, FakeChat, Person } from './state.ts'

export interface Writing {
  /** A forum topic of the chat. */
  thread?: number
  /** Id of the message it replies to. */
  replyTo?: number
  entities?: MessageEntity[]
}

/** A person in one chat, doing what people do. Each act is one update. */
export interface Actor {
  readonly person: Person
  readonly chat: FakeChat
  /** Returns the message's id. */
  writes(text: string, options?: Writing): number
  /** A message without text: `photo`, `voice`, `sticker` and the like, with a caption if any. */
  posts(kind: string, content: unknown, options?: Writing & { caption?: string }): number
  edits(messageId: number, text: string): void
  /** Presses the button with this label or action, the newest first; returns the callback's id. */
  presses(labelOrAction: string): string
  /**
   * Says that it pressed a button with this action on a message, whether that has one or not: a client may say so.
   * `tooOld`: the bot is not shown the message any more.
   */
  claimsToPress(messageId: number, action: string, options?: { tooOld?: boolean }): string
}

export type Emit = (kind: string, chatId: string, content: Omit<Update, 'update_id'>) => void

export function createActor(bot: Bot, person: Person, chat: FakeChat, emit: Emit): Actor {
  const add = (text: string, options: Writing): ChatMessage => {
    bot.nextMessageId += 1
    const message: ChatMessage = {
      id: bot.nextMessageId,
      fromBot: false,
      from: person,
      text,
      entities: options.entities ?? findEntities(text),
      markup: undefined,
      thread: options.thread,
      date: Math.floor(Date.now() / 1000),
    }
    chat.messages.set(message.id, message)
    return message
  }
  const wire = (message: ChatMessage, replyTo: number | undefined) => {
    const shown = wireMessage(bot, chat, message)
    const replied = replyTo === undefined ? undefined : chat.messages.get(replyTo)
    return replied ? { ...shown, reply_to_message: wireMessage(bot, chat, replied) } : shown
  }
  const send = (kind: 'message' | 'edited_message', message: object) =>
    emit(kind, chat.id, { [kind]: message } as Omit<Update, 'update_id'>)
  const press = (message: object, data: string): string => {
    const id = newCallbackId()
    bot.callbacks.set(id, { id, chatId: chat.id, madeAt: performance.now(), answers: 0, text: '' })
    emit('callback_query', chat.id, {
      callback_query: { id, from: wireUser(person), message, chat_instance: '1', data },
    } as Omit<Update, 'update_id'>)
    return id
  }

  return {
    person,
    chat,
    writes(text, options = {}) {
      const message = add(text, options)
      send('message', wire(message, options.replyTo))
      return message.id
    },
    posts(kind, content, options = {}) {
      const message = add('', options)
      const { text: _, ...shown } = wire(message, options.replyTo)
      const caption = options.caption === undefined ? {} : captioned(options.caption)
      send('message', { ...shown, ...caption, [kind]: content })
      return message.id
    },
    edits(messageId, text) {
      const message = chat.messages.get(messageId)
      if (!message) throw new Error(`message ${messageId} is not in chat ${chat.id}`)
      Object.assign(message, { text, entities: findEntities(text) })
      send('edited_message', { ...wire(message, undefined), edit_date: Math.floor(Date.now() / 1000) })
    },
    presses(labelOrAction) {
      const { message, action } = findButton(chat, labelOrAction)
      return press(wireMessage(bot, chat, message), action)
    },
    claimsToPress(messageId, action, { tooOld = false } = {}) {
      const message = chat.messages.get(messageId)
      if (!message) throw new Error(`message ${messageId} is not in chat ${chat.id}`)
      const inaccessible = { chat: wireChat(chat), message_id: messageId, date: 0 }
      return press(tooOld ? inaccessible : wireMessage(bot, chat, message), action)
    },
  }
}

const captioned = (caption: string) => ({ caption, caption_entities: findEntities(caption) })

function findButton(chat: FakeChat, wanted: string): { message: ChatMessage; action: string } {
  for (const message of [...chat.messages.values()].reverse()) {
    for (const button of message.markup?.inline_keyboard.flat() ?? []) {
      const action = 'callback_data' in button ? button.callback_data : ''
      if (action !== '' && (button.text === wanted || action === wanted)) return { message, action }
    }
  }
  throw new Error(`no button "${wanted}" in chat ${chat.id}`)
}
