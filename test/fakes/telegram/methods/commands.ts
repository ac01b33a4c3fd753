import type { BotCommand } from '@grammyjs/types'
import { type Arguments, isRecord } from '../arguments.ts'
import { badRequest } from '../refusal.ts'
import type { Bot } from '../state.ts'

const scopes = new Set([
  'default',
  'all_private_chats',
  'all_group_chats',
  'all_chat_administrators',
  'chat',
  'chat_administrators',
  'chat_member',
])

function placeOf(args: Arguments): string {
  const scope = args.json('scope')
  const language = args.text('language_code')
  if (language !== '' && !/^[a-z]{2}$/.test(language)) throw badRequest('invalid language code specified')
  if (scope === undefined) return `default/${language}`
  if (!isRecord(scope)) throw badRequest("can't parse BotCommandScope: BotCommandScope must be an Object")
  if (!scopes.has(String(scope['type'])))
    throw badRequest("can't parse BotCommandScope: Unsupported type specified")
  return `${String(scope['type'])}:${JSON.stringify(scope['chat_id'] ?? '')}/${language}`.replace(':/', '/')
}

function readCommand(value: unknown): BotCommand {
  if (!isRecord(value)) throw badRequest("can't parse BotCommand: expected an Object")
  const { command, description } = value
  if (typeof command !== 'string') throw badRequest('can\'t parse BotCommand: Can\'t find field "command"')
  if (typeof description !== 'string')
    throw badRequest('can\'t parse BotCommand: Can\'t find field "description"')
  if (!/^[a-z0-9_]{1,32}$/.test(command)) throw badRequest('BOT_COMMAND_INVALID')
  if (description.length === 0 || description.length > 256)
    throw badRequest('BOT_COMMAND_DESCRIPTION_INVALID')
  return { command, description }
}

export function setMyCommands(bot: Bot, args: Arguments): true {
  const commands = args.json('commands')
  if (!Array.isArray(commands)) throw badRequest('expected an Array of BotCommand')
  if (commands.length > 100) throw badRequest('BOT_COMMANDS_TOO_MUCH')
  bot.commands.set(placeOf(args), commands.map(readCommand))
  return true
}

export function getMyCommands(bot: Bot, args: Arguments): BotCommand[] {
  return bot.commands.get(placeOf(args)) ?? []
}

export function deleteMyCommands(bot: Bot, args: Arguments): true {
  bot.commands.delete(placeOf(args))
  return true
}
