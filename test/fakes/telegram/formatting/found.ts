import type { MessageEntity } from '@grammyjs/types'

type Found = { type: MessageEntity.CommonMessageEntity['type']; pattern: RegExp }

const letter = String.raw`\p{L}\p{N}_`
const host = String.raw`(?:[${letter}-]{1,63}\.){1,6}\p{L}{2,24}`

/**
 * What makes a stretch of plain text live, after TDLib's `find_entities` (td/telegram/MessageEntity.cpp), which the Bot
 * API server runs on every text. Where TDLib looks names up (top-level domains, short usernames) any is taken.
 */
const patterns: Found[] = [
  { type: 'mention', pattern: new RegExp(`(?<![${letter}])@\\w{2,32}(?![${letter}])`, 'gu') },
  {
    type: 'bot_command',
    pattern: new RegExp(`(?<![${letter}/<>])/\\w{1,64}(?:@\\w{3,32})?(?![${letter}/<>])`, 'gu'),
  },
  {
    type: 'hashtag',
    pattern: new RegExp(`(?<![${letter}\u200c])#(?=[${letter}]*\\p{L})[${letter}\u200c]{1,256}(?!#)`, 'gu'),
  },
  { type: 'cashtag', pattern: new RegExp(`(?<![${letter}$])\\$(?:1INCH|[A-Z]{1,8})(?![${letter}$])`, 'gu') },
  { type: 'email', pattern: new RegExp(`[\\w.+-]{1,64}@${host}(?![${letter}])`, 'gu') },
  {
    type: 'url',
    pattern: new RegExp(
      `(?:(?:https?|ftp)://|(?<![${letter}/#@.-]))(?:[\\w.+-]{1,64}@)?${host}(?::\\d{1,5})?(?:[/?#][^\\s<>"«»]*)?`,
      'giu',
    ),
  },
  { type: 'url', pattern: /(?:tg|ton|tonsite):\/\/[\w-]{1,253}(?:[/?#][^\s<>"«»]*)?/gi },
  // Phone and card numbers.
  {
    type: 'phone_number',
    pattern: new RegExp(`(?<![${letter}.,+-])\\+?\\d(?:[ ()-]{0,2}\\d){6,18}(?![${letter}-])`, 'gu'),
  },
]

const end = ({ offset, length }: MessageEntity): number => offset + length
const first = (a: MessageEntity, b: MessageEntity): number => a.offset - b.offset || b.length - a.length

/** Mentions, commands, links and the like in a plain text, none over another: the first one wins. */
export function findEntities(text: string): MessageEntity[] {
  const all: MessageEntity[] = patterns.flatMap(({ type, pattern }) =>
    [...text.matchAll(pattern)].map((match) => ({ type, offset: match.index, length: match[0].length })),
  )
  let from = 0
  return all.sort(first).filter((entity) => {
    if (entity.offset < from) return false
    from = end(entity)
    return true
  })
}

const quotes = new Set(['blockquote', 'expandable_blockquote'])
const splittable = new Set(['bold', 'italic', 'underline', 'strikethrough', 'spoiler'])

/**
 * What Telegram makes live in a text sent with these entities (`merge_new_entities`): nothing within or over code and
 * links of the sender's, nor over the border of a quote; inside quotes and emphasis everything.
 */
export function foundBeside(text: string, entities: MessageEntity[]): MessageEntity[] {
  return findEntities(text).filter((found) =>
    entities.every((given) => {
      const apart = end(given) <= found.offset || end(found) <= given.offset
      if (apart || splittable.has(given.type)) return true
      return quotes.has(given.type) && given.offset <= found.offset && end(found) <= end(given)
    }),
  )
}
