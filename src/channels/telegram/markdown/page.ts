import type { MessageEntity } from '@grammyjs/types'

/** A text and its formatting, as Telegram takes them: offsets and lengths in UTF-16 units. */
export interface Rendered {
  text: string
  entities: MessageEntity[]
}

/** What can be laid over a stretch of text. */
export type Style =
  | { type: 'bold' | 'italic' | 'strikethrough' | 'code' | 'blockquote' }
  | { type: 'pre'; language: string }
  | { type: 'text_link'; url: string }

/** Text being written, with styles laid over what is written inside them. */
export interface Page {
  write(text: string): void
  /** Lays `style` over everything `inside` writes; nothing, when that is nothing. */
  styled(style: Style, inside: () => void): void
  /** Whether a style of this type is open. */
  within(type: Style['type']): boolean
  finish(): Rendered
}

export function createPage(): Page {
  let text = ''
  const entities: MessageEntity[] = []
  const open: Style['type'][] = []
  return {
    write(more) {
      text += more
    },
    styled(style, inside) {
      const offset = text.length
      open.push(style.type)
      inside()
      open.pop()
      const length = text.length - offset
      if (length > 0) entities.push(entityOf(style, offset, length))
    },
    within: (type) => open.includes(type),
    finish: () => ({ text, entities: separate(entities) }),
  }
}

function entityOf(style: Style, offset: number, length: number): MessageEntity {
  if (style.type === 'text_link') return { type: 'text_link', offset, length, url: style.url }
  if (style.type !== 'pre') return { type: style.type, offset, length }
  return style.language === ''
    ? { type: 'pre', offset, length }
    : { type: 'pre', offset, length, language: style.language }
}

/** Telegram shows at most this many entities of one message. */
const mostEntities = 100

/**
 * Cuts styles around code, which may not overlap with them (Bot API, "Formatting options"), sorts, and keeps as
 * many as Telegram shows.
 */
function separate(entities: MessageEntity[]): MessageEntity[] {
  const codes = entities.filter(isCode).sort(byPlace)
  const cut = codes.length === 0 ? entities : entities.flatMap((entity) => around(entity, codes))
  return cut.sort(byPlace).slice(0, mostEntities)
}

const isCode = ({ type }: MessageEntity) => type === 'code' || type === 'pre'
/** What contains comes before what is contained; of two over the same text, the quote contains. */
const byPlace = (a: MessageEntity, b: MessageEntity) =>
  a.offset - b.offset ||
  b.length - a.length ||
  Number(b.type === 'blockquote') - Number(a.type === 'blockquote')

function around(entity: MessageEntity, codes: MessageEntity[]): MessageEntity[] {
  if (isCode(entity) || entity.type === 'blockquote') return [entity]
  const pieces: MessageEntity[] = []
  const end = entity.offset + entity.length
  let from = entity.offset
  for (const code of codes) {
    if (code.offset >= end) break
    if (code.offset + code.length <= from) continue
    if (code.offset > from) pieces.push({ ...entity, offset: from, length: code.offset - from })
    from = code.offset + code.length
  }
  if (from < end) pieces.push({ ...entity, offset: from, length: end - from })
  return pieces
}
