import { badRequest } from '../refusal.ts'

const cannot = (reason: string) => badRequest(`can't parse entities: ${reason}`)
const names: Record<string, string> = {
  '*': 'Bold',
  _: 'Italic',
  __: 'Underline',
  '~': 'Strikethrough',
  '||': 'Spoiler',
  '`': 'Code',
  '```': 'Pre',
}
const marks = ['```', '`', '||', '__', '_', '*', '~']
const reserved = '_*[]()~`>#+-=|{}.!'

interface Open {
  mark: string
  at: number
}

/** The text behind MarkdownV2, or the refusal its parser gives. */
export function parseMarkdownV2(source: string): string {
  const open: Open[] = []
  let text = ''
  let lineStart = true
  for (let at = 0; at < source.length; ) {
    const step = read(source, at, open, lineStart)
    text += step.text
    lineStart = source[at + step.length - 1] === '\n'
    at += step.length
  }
  const last = open.at(-1)
  if (last) {
    throw cannot(
      `Can't find end of ${names[last.mark] ?? 'TextUrl'} entity at byte offset ${offset(source, last.at)}`,
    )
  }
  return text
}

const offset = (source: string, at: number) => Buffer.byteLength(source.slice(0, at))

function read(
  source: string,
  at: number,
  open: Open[],
  lineStart: boolean,
): { text: string; length: number } {
  const character = source[at] ?? ''
  const inside = open.at(-1)?.mark
  if (character === '\\' && (source.charCodeAt(at + 1) || 0) < 127 && at + 1 < source.length) {
    return { text: source[at + 1] ?? '', length: 2 }
  }
  if (inside === '`' || inside === '```') {
    if (!source.startsWith(inside, at)) return { text: character, length: 1 }
    open.pop()
    return { text: '', length: inside.length }
  }
  const mark = marks.find((candidate) => source.startsWith(candidate, at))
  if (mark) return toggle(mark, at, open)
  if (character === '[') return toggle('[', at, open)
  if (character === ']' && inside === '[') return closeLink(source, at, open)
  if (character === '>' && lineStart) return { text: '', length: 1 }
  if (reserved.includes(character)) {
    throw cannot(`Character '${character}' is reserved and must be escaped with the preceding '\\'`)
  }
  return { text: character, length: 1 }
}

function toggle(mark: string, at: number, open: Open[]): { text: string; length: number } {
  if (open.at(-1)?.mark === mark) open.pop()
  else open.push({ mark, at })
  return { text: '', length: mark.length }
}

function closeLink(source: string, at: number, open: Open[]): { text: string; length: number } {
  open.pop()
  if (source[at + 1] !== '(') return { text: '', length: 1 }
  const end = /(?<!\\)\)/.exec(source.slice(at + 2))
  if (!end) throw cannot(`Can't find end of a URL at byte offset ${offset(source, at + 2)}`)
  return { text: '', length: end.index + 3 }
}
