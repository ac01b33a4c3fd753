import type { Arguments } from './arguments.ts'
import { wireBot } from './chats.ts'
import { deleteMyCommands, getMyCommands, setMyCommands } from './methods/commands.ts'
import {
  answerCallbackQuery,
  createForumTopic,
  editMessageText,
  sendChatAction,
  sendMessage,
  sendMessageDraft,
} from './methods/messages.ts'
import { getUpdates } from './methods/updates.ts'
import { deleteWebhook, getWebhookInfo, setWebhook } from './methods/webhook.ts'
import type { Bot } from './state.ts'

export interface Caller {
  /** Runs when the client hangs up before the answer. */
  onClose(gone: () => void): void
  secureWebhooks: boolean
}

export type Method = (bot: Bot, args: Arguments, caller: Caller) => unknown

/** By lower-case name: the Bot API does not mind the case. */
export const methods: ReadonlyMap<string, Method> = new Map<string, Method>([
  ['getme', (bot) => ({ ...wireBot(bot), can_join_groups: true, can_read_all_group_messages: false })],
  ['getupdates', (bot, args, { onClose }) => getUpdates(bot, args, onClose)],
  ['setwebhook', (bot, args, { secureWebhooks }) => setWebhook(bot, args, { secure: secureWebhooks })],
  ['deletewebhook', deleteWebhook],
  ['getwebhookinfo', getWebhookInfo],
  ['sendmessage', sendMessage],
  ['editmessagetext', editMessageText],
  ['sendmessagedraft', sendMessageDraft],
  ['sendchataction', sendChatAction],
  ['answercallbackquery', answerCallbackQuery],
  ['setmycommands', setMyCommands],
  ['getmycommands', getMyCommands],
  ['deletemycommands', deleteMyCommands],
  ['createforumtopic', createForumTopic],
])
