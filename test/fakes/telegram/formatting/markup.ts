import type { InlineKeyboardMarkup } from '@grammyjs/types'
import { type Arguments, isRecord } from '../arguments.ts'
import { badRequest } from '../refusal.ts'

/** Reads `reply_markup`; only inline keyboards are kept, other kinds are checked to be one. */
export function readMarkup(args: Arguments): InlineKeyboardMarkup | undefined {
  const value = args.json('reply_markup')
  if (value === undefined) return undefined
  if (!isRecord(value)) throw badRequest('object expected as reply markup')
  const rows = value['inline_keyboard']
  if (rows === undefined) return undefined
  if (!Array.isArray(rows) || !rows.every(Array.isArray)) {
    throw badRequest('field "inline_keyboard" must be an Array of Arrays')
  }
  const keyboard: unknown[][] = rows
  if (keyboard.flat().length > 100) throw badRequest('reply markup is too long')
  for (const button of keyboard.flat()) checkButton(button)
  return isKeyboard(value) ? value : undefined
}

function checkButton(button: unknown): void {
  const cannot = (reason: string) => badRequest(`can't parse inline keyboard button: ${reason}`)
  if (!isRecord(button)) throw cannot('InlineKeyboardButton must be an Object')
  if (typeof button['text'] !== 'string') throw cannot('Field "text" must be of type String')
  if (button['text'].trim() === '') throw badRequest('inline keyboard button text must be non-empty')
  const data = button['callback_data']
  if (data === undefined && button['url'] === undefined) {
    throw cannot('Text buttons are unallowed in the inline keyboard')
  }
  if (typeof data === 'string' && (data === '' || Buffer.byteLength(data) > 64)) {
    throw badRequest('BUTTON_DATA_INVALID')
  }
}

const isKeyboard = (value: object): value is InlineKeyboardMarkup => 'inline_keyboard' in value
