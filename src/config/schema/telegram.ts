import { z } from 'zod'
import { address, duration, text, whole } from '../kinds.ts'

const chatId = z
  .union([z.string(), z.int()], 'a chat id such as -1001234567890')
  .transform(String)
  .refine((value) => /^(-?\d{1,20}|@\w{5,32})$/.test(value), 'a chat id such as -1001234567890')
  .meta({ type: 'a chat id' })

/** Limits of the platform: core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this */
const rate = z
  .strictObject({
    per_chat: whole(1, 1000).default(1).describe('Messages a second to one chat.'),
    per_group_minute: whole(1, 10_000).default(20).describe('Messages a minute to one group.'),
    overall: whole(1, 10_000)
      .default(30)
      .describe('Messages a second to all chats, from all processes over one Redis.'),
  })
  .prefault({})

export const telegramSchema = z
  .strictObject({
    webhook_url: address()
      .optional()
      .describe('Public https address of /webhook/telegram; polling when not set.'),
    api_root: address().default('https://api.telegram.org').describe('Address of the Bot API server.'),
    agent_group: chatId.optional().describe("Chat of the agents' group, where notes go."),
    triggers: z
      .array(text(64), 'a list of words')
      .max(100, 'at most 100')
      .default([])
      .describe('Words that make the bot answer in a group without being mentioned.'),
    quiet_window: duration('0ms', '30s')
      .default(700)
      .describe('How long to wait for a person to finish typing.'),
    rate,
  })
  .prefault({})
