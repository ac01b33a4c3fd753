import type { Message, MessageEntity } from '@grammyjs/types'

/** How people in a group speak to the bot. */
export interface Addressing {
  /** The bot's own id. */
  id: string
  /** Without the `@`. Throws while it is not known. */
  readonly username: string
  /** Matches the words that make the bot answer in a group. */
  triggers: RegExp | undefined
  /** Commands of the bot's own menu of this moment, without the slash. */
  readonly commands: ReadonlySet<string>
}

/** A pattern that finds any of these words as whole words, in any case. */
export function triggerPattern(words: readonly string[]): RegExp | undefined {
  const escaped = words.filter((word) => word.trim() !== '').map((word) => RegExp.escape(word.trim()))
  if (escaped.length === 0) return undefined
  return new RegExp(`(?<![\\p{L}\\p{N}_])(?:${escaped.join('|')})(?![\\p{L}\\p{N}_])`, 'iu')
}

/**
 * What a message in a group says to the bot, the mention taken out; `undefined` when it is not meant for it. Meant
 * are mentions, replies to the bot, trigger words, and commands: with the bot's name, or without one when its menu
 * has them.
 */
export function addressedText(message: Message, by: Addressing): string | undefined {
  const text = message.text ?? message.caption ?? ''
  const entities = message.entities ?? message.caption_entities ?? []
  const command = entities.find((entity) => entity.type === 'bot_command' && entity.offset === 0)
  if (command) return addressedCommand(text, command, by)
  const mentions = entities.filter((entity) => isMention(text, entity, by))
  if (mentions.length > 0) return withoutMentions(text, mentions)
  if (isReplyTo(message, by.id) || by.triggers?.test(text)) return text
  return undefined
}

function addressedCommand(text: string, { length }: MessageEntity, by: Addressing): string | undefined {
  const [name = '', bot] = text.slice(1, length).split('@')
  if (bot === undefined) return by.commands.has(name) ? text : undefined
  return sameName(bot, by.username) ? `/${name}${text.slice(length)}` : undefined
}

/** `/help@parley_bot` as `/help`; a command for another bot stays as it is. */
export function ownCommand(text: string, by: Pick<Addressing, 'username'>): string {
  const match = /^(\/\w+)@(\w+)/.exec(text)
  if (!match?.[1] || !match[2] || !sameName(match[2], by.username)) return text
  return match[1] + text.slice(match[0].length)
}

const sameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

function isMention(text: string, entity: MessageEntity, by: Addressing): boolean {
  if (entity.type === 'text_mention') return String(entity.user.id) === by.id
  const { type, offset, length } = entity
  return type === 'mention' && sameName(text.slice(offset + 1, offset + length), by.username)
}

/** A lone mention stays: there is nothing else to read. */
function withoutMentions(text: string, mentions: MessageEntity[]): string {
  let rest = text
  for (const { offset, length } of mentions.toSorted((a, b) => b.offset - a.offset)) {
    const after = rest.slice(offset + length).replace(/^[,:]?\s*/, '')
    rest = rest.slice(0, offset) + after
  }
  return rest.trim() === '' ? text : rest.trim()
}

/** In a topic every message "replies" to the one that opened it: that is not a reply to the bot. */
function isReplyTo({ reply_to_message: replied }: Message, id: string): boolean {
  return replied !== undefined && !replied.forum_topic_created && String(replied.from?.id) === id
}
