import { emailIn } from './email.ts'
import { phoneIn } from './phone.ts'
import { telegramNameIn } from './telegram-name.ts'

/** RFC 5321 §4.5.3.1: the longest e-mail address. */
export const addressLength = 254

/** A way to reach a person. */
export interface Address {
  kind: 'email' | 'phone' | 'telegram'
  value: string
}

/** Of what a person wrote, line by line, the last address. */
export function lastAddressIn(text: string): Address | undefined {
  for (const line of text.split('\n').toReversed()) {
    const found = addressIn(line, true)
    if (found) return found
  }
  return undefined
}

/** The address of a text, or `undefined`; where one was `asked` for, what looks like one is taken for one. */
export function addressIn(text: string, asked: boolean): Address | undefined {
  const email = emailIn(text)
  if (email !== undefined) return { kind: 'email', value: email }
  const phone = phoneIn(text, asked)
  if (phone !== undefined) return { kind: 'phone', value: phone }
  const name = telegramNameIn(text, asked)
  return name === undefined ? undefined : { kind: 'telegram', value: name }
}
