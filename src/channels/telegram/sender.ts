import { type Clock, steadyClock } from '../../model/time.ts'
import type { Destination, Outgoing, SendFault, SendResult } from '../channel.ts'
import type { BotApi } from './api.ts'
import { toKeyboard } from './keyboard.ts'
import { isBlank } from './markdown/characters.ts'
import { longestText, renderMarkdown } from './markdown/render.ts'
import type { MovedChats } from './moved.ts'
import type { Pacing } from './pacing.ts'
import { classify, isTokenRefused } from './send-fault.ts'

export interface SenderNeeds {
  api: BotApi
  pacing: Pacing
  /** For how long Telegram said to wait. */
  steady: Clock
  moved: MovedChats
  /** Told once each time Telegram begins to refuse the token. */
  refused(reason: string): void
}

export interface Sender {
  send(message: Outgoing): Promise<SendResult>
  /** Milliseconds until Telegram listens again after a 429 of the whole bot or a refused token. */
  blockedFor(): number
}

/** Sends replies: rendered, paced, to where their chat is now, and their refusals classified. */
export function createSender({ api, pacing, steady, moved, refused }: SenderNeeds): Sender {
  let blockedUntil = 0
  let blockedBecause = ''

  function block(ms: number, because = 'Telegram asked to wait'): void {
    blockedUntil = Math.max(blockedUntil, steady.now() + ms)
    blockedBecause = because
  }

  const blockedFor = (): number => Math.max(0, blockedUntil - steady.now())

  function blocked(): SendFault | undefined {
    const ms = Math.ceil(blockedFor())
    return ms > 0 ? { kind: 'wait', ms, scope: 'account', reason: blockedBecause } : undefined
  }

  async function delay(message: Outgoing): Promise<SendFault | undefined> {
    const told = blocked()
    if (told) return told
    const wait = await pacing.ask(message)
    if (wait?.scope === 'account') block(wait.ms)
    return wait && { kind: 'wait', ...wait, reason: 'kept under the send limits' }
  }

  /** A chat that moved took nothing: the same goes to its new id at once, but is not sent round in circles. */
  async function send(asked: Outgoing, mayMove: boolean): Promise<SendResult> {
    const message = moved.follow(asked)
    const body = toSendMessage(message)
    if (body === undefined) return fail({ kind: 'final', reason: 'the reply has no text' })
    const wait = await delay(message)
    if (wait) return fail(wait)
    const mayLeave = (): boolean => blockedFor() === 0 && steadyClock.now() < message.before
    const answer = await api.call('sendMessage', body, { mayLeave })
    if (answer.ok) return sent(answer.result)
    if (answer.isUnsent) return fail(blocked() ?? tooLate)
    if (answer.migratedTo !== undefined && mayMove) {
      moved.learn(message.chatId, answer.migratedTo)
      return send(message, false)
    }
    const fault = classify(answer, message.kind)
    if (fault.kind === 'wait') {
      const isOfChat = fault.scope === 'chat'
      if (!isOfChat) block(fault.ms, fault.reason)
      if (answer.status === 429) pacing.close(fault.ms, isOfChat ? message.chatId : undefined)
    }
    if (isTokenRefused(answer.status)) refused(answer.description)
    return fail(fault)
  }

  return {
    send: (message) => send(message, true),
    blockedFor,
  }
}

/** Telegram's word for what it took, or a page that only looks like it. */
function sent({ message_id: id }: { message_id?: unknown }): SendResult {
  return typeof id === 'number' || typeof id === 'string'
    ? { ok: true, platformId: String(id) }
    : fail({ kind: 'unknown', reason: 'the answer names no message' })
}

/** Looked at when it would leave: whatever was waited for took its time. */
const tooLate: SendFault = { kind: 'wait', ms: 0, scope: 'chat', reason: 'its turn to be sent was over' }

const fail = (fault: SendFault): SendResult => ({ ok: false, fault })

/** The arguments of `sendMessage`; `undefined` when there is nothing to show. */
function toSendMessage(message: Outgoing): object | undefined {
  const { text, entities } = message.plain ? asItIs(message.text) : renderMarkdown(message.text)
  if (isBlank(text)) return undefined
  const markup = toKeyboard(message.buttons)
  return {
    ...target(message),
    text,
    ...(entities.length > 0 ? { entities } : {}),
    ...(markup ? { reply_markup: markup } : {}),
  }
}

/** Ids as text: the Bot API takes them so, and no digit is lost. */
export function target({ chatId, threadId }: Pick<Destination, 'chatId' | 'threadId'>): {
  chat_id: string
  message_thread_id?: string
} {
  return threadId === '' ? { chat_id: chatId } : { chat_id: chatId, message_thread_id: threadId }
}

/** Without formatting: the source, or what it would show where the source is too long. */
function asItIs(source: string): { text: string; entities: [] } {
  const text = source.toWellFormed()
  return { text: text.length <= longestText ? text : renderMarkdown(text).text, entities: [] }
}
