import { emailIn } from './email.ts'
import { phoneIn } from './phone.ts'
import { telegramNameIn } from './telegram-name.ts'

/** A way to reach a person. */
export interface Address {
  kind: 'email' | 'phone' | 'telegram'
  value: string
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
