import type { MessageEntity } from '@grammyjs/types'
import type { Arguments } from '../arguments.ts'
import { badRequest } from '../refusal.ts'
import { readEntities } from './entities.ts'
import { parseHtml } from './html.ts'
import { parseMarkdownV2 } from './markdown.ts'

export interface FormattedText {
  text: string
  entities: MessageEntity[]
}

/** The longest text of a message, after its entities were parsed. */
const longest = 4096
/** What the server takes for parsing at all, in bytes of UTF-8. */
const longestSource = 32_768
/** What Telegram shows as nothing: spaces, zero-width and formatting characters, braille blank, hangul fillers. */
const invisible = /^[\s\p{Cf}\p{Cc}\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0]*$/u

/** Reads `text` with `parse_mode` or `entities` as the Bot API does, refusing what it refuses. */
export function readText(args: Arguments, options: { mayBeEmpty: boolean }): FormattedText {
  const source = args.text('text')
  if (source === '' && options.mayBeEmpty) return { text: '', entities: [] }
  if (source === '') throw badRequest('message text is empty')
  if (Buffer.byteLength(source) > longestSource) throw badRequest('text is too long')
  if (!source.isWellFormed()) throw badRequest('strings must be encoded in UTF-8')
  const parsed = parse(source, args)
  const text = clean(parsed.text)
  if (invisible.test(text) && !options.mayBeEmpty) throw badRequest('text must be non-empty')
  if (text.length > longest) throw badRequest('message is too long')
  return { text, entities: parsed.entities }
}

function parse(source: string, args: Arguments): FormattedText {
  const mode = args.text('parse_mode').toLowerCase()
  if (mode === 'html') return { text: parseHtml(source), entities: [] }
  if (mode === 'markdownv2') return { text: parseMarkdownV2(source), entities: [] }
  if (mode !== '' && mode !== 'none' && mode !== 'markdown') throw badRequest('unsupported parse_mode')
  return { text: source, entities: readEntities(source, args.json('entities')) }
}

/** Trims the end and turns control characters into spaces, as the server does before it stores a text. */
// oxlint-disable-next-line no-control-regex
const clean = (text: string) => text.replace(/[\u0000-\u0009\u000b\u000c\u000e-\u001f]/g, ' ').trimEnd()
