import type { InlineKeyboardMarkup } from '@grammyjs/types'
import type { Button } from '../../model/message.ts'

/** Rows of buttons as an inline keyboard; rows without buttons are left out. */
export function toKeyboard(rows: Button[][] | undefined): InlineKeyboardMarkup | undefined {
  const keyboard = (rows ?? [])
    .filter((row) => row.length > 0)
    .map((row) => row.map(({ label, action }) => ({ text: label, callback_data: action })))
  return keyboard.length > 0 ? { inline_keyboard: keyboard } : undefined
}
