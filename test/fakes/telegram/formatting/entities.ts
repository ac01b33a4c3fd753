import type { MessageEntity } from '@grammyjs/types'
import { isRecord } from '../arguments.ts'
import { badRequest } from '../refusal.ts'

const plain = ['bold', 'italic', 'underline', 'strikethrough', 'spoiler'] as const
const known = new Set<string>([
  ...plain,
  'mention',
  'hashtag',
  'cashtag',
  'bot_command',
  'url',
  'email',
  'phone_number',
  'blockquote',
  'expandable_blockquote',
  'code',
  'pre',
  'text_link',
  'text_mention',
  'custom_emoji',
  'date_time',
])
const nests = new Set<string>(plain)
const quotes = new Set<string>(['blockquote', 'expandable_blockquote'])

function isEntity(value: unknown): value is MessageEntity {
  return isRecord(value) && typeof value['type'] === 'string' && known.has(value['type'])
}

/** Whether UTF-16 offset `at` lies inside a surrogate pair. */
function insidePair(text: string, at: number): boolean {
  const before = text.charCodeAt(at - 1)
  const after = text.charCodeAt(at)
  return before >= 0xd800 && before <= 0xdbff && after >= 0xdc00 && after <= 0xdfff
}

function checkRange(text: string, { offset, length }: MessageEntity): void {
  if (!Number.isInteger(offset) || !Number.isInteger(length)) {
    throw badRequest('can\'t parse MessageEntity: field "offset" must be of type Number')
  }
  if (offset < 0 || offset > 1_000_000) throw badRequest(`receive an entity with incorrect offset ${offset}`)
  if (length < 0 || length > 1_000_000) throw badRequest(`receive an entity with incorrect length ${length}`)
  const bytes = Buffer.byteLength(text.slice(0, offset))
  if (offset >= text.length) {
    throw badRequest(`entity begins after the end of the text at UTF-16 offset ${offset}`)
  }
  if (insidePair(text, offset))
    throw badRequest(`entity begins in a middle of a UTF-16 symbol at byte offset ${bytes}`)
  if (offset + length > text.length) {
    throw badRequest(
      `entity beginning at UTF-16 offset ${offset} ends after the end of the text at UTF-16 offset ${offset + length}`,
    )
  }
  if (insidePair(text, offset + length)) {
    throw badRequest(
      `entity beginning at UTF-16 offset ${offset} ends in a middle of a UTF-16 symbol at byte offset ${bytes}`,
    )
  }
}

/** Text links: `http` and `https` with a dot in the host, or Telegram's own `tg://name?…`. */
function checkLink(entity: MessageEntity): void {
  if (entity.type !== 'text_link') return
  if (typeof entity.url !== 'string') throw badRequest('can\'t parse MessageEntity: can\'t find field "url"')
  if (/^tg:/i.test(entity.url)) {
    if (!/^tg:(\/\/)?[\w-]+([/?#]\S*)?$/i.test(entity.url))
      throw badRequest('entity Unallowed characters in URL host')
    return
  }
  if (!/^https?:\/\//i.test(entity.url)) throw badRequest('entity Unsupported URL protocol')
  if (!URL.canParse(entity.url) || !/[.[]/.test(new URL(entity.url).host))
    throw badRequest('entity Wrong HTTP URL')
}

/** Reads and validates an `entities` argument against the text as it was sent. */
export function readEntities(text: string, value: unknown): MessageEntity[] {
  if (!Array.isArray(value)) return []
  return value.map((item: unknown) => {
    if (!isRecord(item)) throw badRequest("can't parse MessageEntity: expected an Object")
    if (!isEntity(item)) throw badRequest("can't parse MessageEntity: Type must be a known entity type")
    checkLink(item)
    if (item.length > 0) checkRange(text, item)
    return item
  })
}

/**
 * Entities Telegram would silently change or leave out: overlapping without nesting, nested where the type does not
 * allow it, empty, or beyond the first hundred (Bot API, "MessageEntity" and "Formatting options").
 */
export function unfaithful(entities: MessageEntity[]): MessageEntity[] {
  const sorted = entities.toSorted(
    (a, b) =>
      a.offset - b.offset || b.length - a.length || Number(quotes.has(b.type)) - Number(quotes.has(a.type)),
  )
  const open: MessageEntity[] = []
  return sorted.filter((entity, index) => {
    while (open.length > 0 && end(open.at(-1)) <= entity.offset) open.pop()
    const broken =
      index >= 100 ||
      entity.length === 0 ||
      open.some((outer) => end(outer) < end(entity) || !mayNest(outer, entity))
    open.push(entity)
    return broken
  })
}

const end = (entity: MessageEntity | undefined): number => (entity ? entity.offset + entity.length : 0)

function mayNest(outer: MessageEntity, inner: MessageEntity): boolean {
  if (outer.type === 'pre' || outer.type === 'code') return false
  if (quotes.has(inner.type)) return nests.has(outer.type)
  if (inner.type === 'pre' || inner.type === 'code') return quotes.has(outer.type)
  return nests.has(inner.type) || nests.has(outer.type) || quotes.has(outer.type)
}
