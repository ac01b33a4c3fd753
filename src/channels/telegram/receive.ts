import type { Update } from '@grammyjs/types'
import type { Incoming } from '../../model/message.ts'
import type { Log } from '../../ops/log.ts'
import { parseExactly } from './json.ts'
import type { MovedChats } from './moved.ts'
import { type Translation, translate, untranslated } from './translate.ts'
import type { Addressing } from './addressed.ts'

export interface Received {
  incoming: Incoming[]
  /** Updates nobody answers: other kinds, messages not meant for the bot. */
  ignored: number
}

/** What is no update: not UTF-8, not JSON, or not Telegram's shape. */
export interface Malformed {
  malformed: string
}

export interface ReceiveNeeds {
  addressing: Addressing
  log: Log
  moved: MovedChats
  /** Acknowledges a button nobody answers. */
  acknowledge(callbackId: string): void
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Turns updates into our words. One that is misshapen is logged and left out: it would come again for ever. */
export function createReceive({ addressing, log, moved, acknowledge }: ReceiveNeeds) {
  function read(update: Update): Translation {
    try {
      const translation = translate(update, addressing)
      const { message } = update
      if (message?.migrate_to_chat_id !== undefined)
        moved.learn(String(message.chat.id), String(message.migrate_to_chat_id))
      return translation
    } catch (error) {
      // A RangeError: nested so deeply that whatever looks into it runs out of stack.
      if (!(error instanceof TypeError || error instanceof RangeError)) throw error
      log.warn({ updateId: String(update.update_id), reason: error.message }, 'misshapen update left out')
      return untranslated
    }
  }

  function receive(updates: Update[]): Received {
    const incoming: Incoming[] = []
    for (const update of updates) {
      const translation = read(update)
      if (translation.incoming) incoming.push(translation.incoming)
      if (translation.callbackId !== undefined) acknowledge(translation.callbackId)
    }
    return { incoming, ignored: updates.length - incoming.length }
  }

  /** The body of a webhook call. */
  function receiveBody(body: Buffer): Received | Malformed {
    const value = parse(body)
    if (value === undefined) return { malformed: 'The body is not JSON in UTF-8.' }
    if (!isUpdate(value))
      return { malformed: 'The body is not an update: it needs a whole number "update_id".' }
    return receive([value])
  }

  return { receive, receiveBody }
}

function parse(body: Buffer): unknown {
  try {
    return parseExactly(utf8.decode(body))
  } catch {
    return undefined
  }
}

/** What Telegram calls an update, as far as its id goes. */
export function isUpdate(value: unknown): value is Update {
  if (typeof value !== 'object' || value === null || !('update_id' in value)) return false
  const { update_id: id } = value
  return Number.isSafeInteger(id) || (typeof id === 'string' && /^\d{16,20}$/.test(id))
}
