import { randomUUID } from 'node:crypto'
import type { Arguments } from '../arguments.ts'
import { readThread, wireMessage, writableChat } from '../chats.ts'
import { unfaithful } from '../formatting/entities.ts'
import { foundBeside } from '../formatting/found.ts'
import { readMarkup } from '../formatting/markup.ts'
import { readText } from '../formatting/text.ts'
import { badRequest } from '../refusal.ts'
import type { Bot, Sent } from '../state.ts'

export function sendMessage(bot: Bot, args: Arguments): unknown {
  const formatted = readText(args, { mayBeEmpty: false })
  const markup = readMarkup(args)
  const chat = writableChat(bot, args)
  const thread = readThread(chat, args)
  bot.limiter.check(chat.id, chat.kind !== 'private')
  bot.nextMessageId += 1
  const sent: Sent = {
    ...formatted,
    id: bot.nextMessageId,
    fromBot: true,
    from: undefined,
    markup,
    thread,
    date: Math.floor(Date.now() / 1000),
    chatId: chat.id,
    at: performance.now(),
    found: foundBeside(formatted.text, formatted.entities),
    lostFormatting: formatted.entities.length > 0 ? unfaithful(formatted.entities) : [],
  }
  chat.messages.set(sent.id, sent)
  bot.sent.push(sent)
  bot.changed()
  return wireMessage(bot, chat, sent)
}

export function editMessageText(bot: Bot, args: Arguments): unknown {
  const formatted = readText(args, { mayBeEmpty: false })
  const markup = readMarkup(args)
  const chat = writableChat(bot, args)
  const message = chat.messages.get(args.integer('message_id', 0))
  if (!message) throw badRequest('message to edit not found')
  if (!message.fromBot) throw badRequest("message can't be edited")
  const before = JSON.stringify([message.text, message.entities, message.markup])
  if (before === JSON.stringify([formatted.text, formatted.entities, markup])) {
    throw badRequest(
      'message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message',
    )
  }
  bot.limiter.check(chat.id, chat.kind !== 'private')
  Object.assign(message, formatted, { markup })
  bot.changed()
  return { ...wireMessage(bot, chat, message), edit_date: Math.floor(Date.now() / 1000) }
}

export function sendMessageDraft(bot: Bot, args: Arguments): true {
  const { text } = readText(args, { mayBeEmpty: true })
  const chat = writableChat(bot, args)
  if (chat.kind !== 'private') throw badRequest("can't send draft messages to the chat")
  const draftId = args.text('draft_id')
  if (!/^-?[1-9]\d{0,18}$/.test(draftId)) throw badRequest('draft_id must be non-zero')
  bot.drafts.push({ chatId: chat.id, draftId, text, at: performance.now() })
  bot.changed()
  return true
}

const actions = new Set([
  'typing',
  'upload_photo',
  'record_video',
  'upload_video',
  'record_voice',
  'upload_voice',
  'upload_document',
  'choose_sticker',
  'find_location',
  'record_video_note',
  'upload_video_note',
])

export function sendChatAction(bot: Bot, args: Arguments): true {
  const action = args.text('action')
  if (!actions.has(action)) throw badRequest('wrong parameter action in request')
  const chat = writableChat(bot, args)
  bot.actions.push({ chatId: chat.id, action, thread: readThread(chat, args), at: performance.now() })
  bot.changed()
  return true
}

/** How long a pressed button waits for its acknowledgement, in milliseconds. */
export const callbackLifetime = 15_000

export function answerCallbackQuery(bot: Bot, args: Arguments): true {
  const callback = bot.callbacks.get(args.text('callback_query_id'))
  if (!callback || callback.answers > 0 || performance.now() - callback.madeAt > callbackLifetime) {
    throw badRequest('query is too old and response timeout expired or query ID is invalid')
  }
  if (args.text('text').length > 200) throw badRequest('MESSAGE_TOO_LONG')
  callback.answers += 1
  callback.text = args.text('text')
  bot.changed()
  return true
}

/** Makes the id of a callback query: digits, as Telegram's are. */
export const newCallbackId = (): string =>
  BigInt(`0x${randomUUID().replaceAll('-', '').slice(0, 15)}`).toString()

export function createForumTopic(bot: Bot, args: Arguments): unknown {
  const name = args.text('name')
  if (name === '') throw badRequest('TOPIC_TITLE_EMPTY')
  if (name.length > 128) throw badRequest('TOPIC_NAME_TOO_LONG')
  const chat = writableChat(bot, args)
  if (!chat.forum) throw badRequest('the chat is not a forum')
  bot.nextMessageId += 1
  chat.topics.set(bot.nextMessageId, name)
  return { message_thread_id: bot.nextMessageId, name, icon_color: 0x6fb9f0 }
}
