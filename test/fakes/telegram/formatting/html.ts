import { badRequest } from '../refusal.ts'

const tags = new Set(
  'a b strong i em s strike del u ins tg-spoiler tg-emoji tg-time span pre code blockquote'.split(' '),
)
const named: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"' }

const cannot = (reason: string) => badRequest(`can't parse entities: ${reason}`)
const bytes = (source: string, at: number) => Buffer.byteLength(source.slice(0, at))

/** The text behind Telegram's HTML, or the refusal its parser gives. */
export function parseHtml(source: string): string {
  const open: string[] = []
  let text = ''
  for (let at = 0; at < source.length; ) {
    const next = source.indexOf('<', at)
    text += decode(source.slice(at, next < 0 ? source.length : next))
    if (next < 0) break
    at = readTag(source, next, open)
  }
  const last = open.at(-1)
  if (last !== undefined) throw cannot(`Can't find end tag corresponding to start tag "${last}"`)
  return text
}

function readTag(source: string, begin: number, open: string[]): number {
  const match = /^<(\/?)([^\s>]*)([^>]*)>/.exec(source.slice(begin))
  const closing = source[begin + 1] === '/'
  if (!match) throw cannot(`Unclosed ${closing ? 'end' : 'start'} tag at byte offset ${bytes(source, begin)}`)
  const name = (match[2] ?? '').toLowerCase()
  if (closing) closeTag(name, bytes(source, begin), open)
  else if (!tags.has(name)) {
    throw cannot(`Unsupported start tag "${name}" at byte offset ${bytes(source, begin)}`)
  } else open.push(name)
  return begin + match[0].length
}

function closeTag(name: string, at: number, open: string[]): void {
  const expected = open.pop()
  if (expected === undefined) throw cannot(`Unexpected end tag at byte offset ${at}`)
  if (name !== '' && name !== expected) {
    throw cannot(`Unmatched end tag at byte offset ${at}, expected "</${expected}>", found "</${name}>"`)
  }
}

function decode(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|(lt|gt|amp|quot));/gi, (whole, decimal, hex, name) => {
    if (name) return named[String(name).toLowerCase()] ?? whole
    const code = decimal ? Number(decimal) : Number.parseInt(String(hex), 16)
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole
  })
}
