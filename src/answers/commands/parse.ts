import type { StoredMessage } from '../../model/message.ts'

export interface CommandCall {
  /** Lower case, without the slash. */
  name: string
  argument: string
}

const written = /^\s*\/([\p{L}\p{N}_]{1,32})(?!\S)/u
const pressed = /^(?:cmd:|\/)([\p{L}\p{N}_]{1,32})$/u

/** The command a message is, or `undefined`: `/etc/passwd` and a slash in a sentence are none. */
export function commandOf(message: Pick<StoredMessage, 'kind' | 'text'>): CommandCall | undefined {
  const [whole, name] = (message.kind === 'button' ? pressed : written).exec(message.text) ?? []
  if (whole === undefined || name === undefined) return undefined
  return { name: name.toLowerCase(), argument: message.text.slice(whole.length).trim() }
}
