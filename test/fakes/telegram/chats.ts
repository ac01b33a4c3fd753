import type { Chat, Message, User } from '@grammyjs/types'
import type { Arguments } from './arguments.ts'
import { wireId } from './json.ts'
import { badRequest, forbidden, Refusal } from './refusal.ts'
import type { Bot, ChatMessage, FakeChat, Person } from './state.ts'

/** The chat an argument names and the bot may write to. */
export function writableChat(bot: Bot, args: Arguments): FakeChat {
  const id = args.text('chat_id')
  if (id === '') throw badRequest('chat_id is empty')
  const chat = bot.chats.get(id)
  if (!chat) throw badRequest('chat not found')
  if (chat.upgradedTo !== undefined) {
    throw new Refusal(400, 'Bad Request: group chat was upgraded to a supergroup chat', {
      migrate_to_chat_id: wireId(chat.upgradedTo),
    })
  }
  if (chat.state === 'blocked') throw forbidden('bot was blocked by the user')
  if (chat.state === 'deactivated') throw forbidden('user is deactivated')
  if (chat.state === 'kicked') throw forbidden(`bot was kicked from the ${chat.kind} chat`)
  if (chat.state === 'deleted') throw forbidden('the group chat was deleted')
  return chat
}

/** The topic an argument names: refused where it does not exist, ignored where there are none. */
export function readThread(chat: FakeChat, args: Arguments): number | undefined {
  const thread = args.integer('message_thread_id', 0)
  if (thread === 0) return undefined
  if (!chat.forum) return undefined
  if (!chat.topics.has(thread)) throw badRequest('message thread not found')
  return thread
}

export function wireUser(person: Person): User {
  const user: User = { id: wireId(person.id), is_bot: false, first_name: person.name }
  if (person.username !== undefined) user.username = person.username
  if (person.language !== undefined) user.language_code = person.language
  return user
}

export function wireBot(bot: Bot): User {
  return { id: wireId(bot.id), is_bot: true, first_name: bot.name, username: bot.username }
}

export function wireChat(chat: FakeChat): Chat {
  const id = wireId(chat.id)
  if (chat.kind === 'private') return { id, type: 'private', first_name: chat.title }
  if (chat.kind === 'group') return { id, type: 'group', title: chat.title }
  return chat.forum
    ? { id, type: 'supergroup', title: chat.title, is_forum: true }
    : { id, type: 'supergroup', title: chat.title }
}

/** A message as the Bot API shows it. */
export function wireMessage(bot: Bot, chat: FakeChat, message: ChatMessage): Message.TextMessage {
  const { id, date, text, from } = message
  const wire = {
    message_id: id,
    from: from ? wireUser(from) : wireBot(bot),
    chat: wireChat(chat),
    date,
    text,
  } as Message.TextMessage
  if (message.entities.length > 0) wire.entities = message.entities
  if (message.markup) wire.reply_markup = message.markup
  if (message.thread !== undefined) {
    wire.message_thread_id = message.thread
    wire.is_topic_message = true
  }
  return wire
}
