import type { StoredMessage } from '../../model/message.ts'

export interface CommandCall {
  /** Lower case, without the slash. */
  name: string
  argument: string
}

const written = /^\s*\/([\p{L}\p{N}_]{1,32})(?!\S)/u
const pressed = /^(?:cmd:|\/)([\p{L}\p{N}_]{1,32})$/u

const help =
  /^(?:help|help (?:me|please|me please)|please help(?: me)?|(?:i|we) need (?:some )?help(?: please)?|(?:can|could|will) you help(?: (?:me|us))?(?: please)?|commands|what can you do|what do you know|what can (?:this|the) bot do|помощь|помоги(?:те)?|помоги(?:те)? (?:мне|нам)|помоги(?:те)? (?:мне |нам )?пожалуйста|(?:мне |нам )?нужна (?:ваша )?помощь|(?:вы )?(?:можешь|можете|сможете) (?:мне |нам )?помочь|справка|команды|что (?:ты|бот) (?:умее(?:шь|т)|може(?:шь|т))|что умеешь)$/u
/** A cry for help is short. */
const helpLength = 40

/** Whether a message asks for the help in plain words, and for nothing else. */
export function asksForHelp({ kind, text }: Pick<StoredMessage, 'kind' | 'text'>): boolean {
  if (kind === 'button' || text.length > helpLength) return false
  return help.test((text.toLowerCase().match(/\p{L}+/gu) ?? []).join(' '))
}

/** The command a message is, or `undefined`: `/etc/passwd` and a slash in a sentence are none. */
export function commandOf(message: Pick<StoredMessage, 'kind' | 'text'>): CommandCall | undefined {
  const [whole, name] = (message.kind === 'button' ? pressed : written).exec(message.text) ?? []
  if (whole === undefined || name === undefined) return undefined
  return { name: name.toLowerCase(), argument: message.text.slice(whole.length).trim() }
}
