import { isBlank } from '../markdown/characters.ts'
import { cutWords } from './graphemes.ts'
import { type Line, readLines } from './lines.ts'
import { findSpans, type Span } from './spans.ts'

/** Room kept at the end of a part for what has to be closed there. */
const reserve = 80

const closingLine = /^\s*(?:`{3,}|~{3,})[^\S\n]*(?:\n|$)/

interface Cut {
  at: number
  /** Ends the part: a closed fence, closed emphasis. */
  suffix: string
  /** Begins the next: the fence opened again, the table's head, emphasis. */
  prefix: string
  inFence: boolean
}

/**
 * Cuts Markdown into parts of at most `limit` UTF-16 units at the best border there is: between paragraphs, before
 * a list item, at a line's end, between words, between characters. Code fences, tables and emphasis across a cut
 * are closed and opened again; no part is blank; no word is lost or moved. Linear in the length of the source.
 */
export function splitMarkdown(source: string, limit: number): string[] {
  if (source.length <= limit) return isBlank(source) ? [] : [source]
  const reader = createReader(source)
  const parts: string[] = []
  let from = 0
  let prefix = ''
  let inFence = false
  while (from < source.length) {
    const fits = source.length - from <= limit - prefix.length
    const cut = fits ? atEnd(source) : reader.cut(from, from + limit - prefix.length - reserve)
    const raw = source.slice(from, cut.at)
    // A fence that closes right after the cut needs no opening: there is no code left in it.
    const closing = inFence ? (closingLine.exec(raw)?.[0] ?? '') : ''
    if (closing !== '') [inFence, prefix] = [false, '']
    const body = trim(raw.slice(closing.length), inFence, cut.inFence)
    if (!isBlank(body)) parts.push(prefix + body + cut.suffix)
    from = cut.at
    prefix = cut.prefix
    inFence = cut.inFence
  }
  return parts
}

const atEnd = (source: string): Cut => ({ at: source.length, suffix: '', prefix: '', inFence: false })

/** Takes away the blank at both ends, except where it is code; a list that begins inside an item moves left. */
function trim(body: string, startsInFence: boolean, endsInFence: boolean): string {
  const end = endsInFence ? body.replace(/\n$/, '') : body.trimEnd()
  if (startsInFence) return end
  const lines = end.replace(/^(?:[^\S\n]*\n)+/, '')
  const indent = /^[ \t]+/.exec(lines)?.[0] ?? ''
  return indent.length < 2 ? lines.trimStart() : dedent(lines, indent)
}

function dedent(text: string, indent: string): string {
  const lines = text.split('\n')
  const stop = lines.findIndex((line) => line !== '' && !line.startsWith(indent))
  const until = stop < 0 ? lines.length : stop
  return lines.map((line, index) => (index < until ? line.slice(indent.length) : line)).join('\n')
}

function createReader(source: string): { cut(from: number, limit: number): Cut } {
  const lines = readLines(source)
  let current = 0
  let spans: { start: number; found: Span[] } | undefined

  function spansOf(line: Line, index: number): Span[] {
    if (spans?.start !== line.blockStart) {
      let last = index
      while (lines[last + 1]?.blockStart === line.blockStart) last += 1
      const end = lines[last]?.end ?? source.length
      const shift = ({ from, to, mark }: Span) => ({
        from: from + line.blockStart,
        to: to + line.blockStart,
        mark,
      })
      spans = { start: line.blockStart, found: findSpans(source.slice(line.blockStart, end)).map(shift) }
    }
    return spans.found
  }

  /** A cut at `at`, which is in or before line `index`. */
  function close(at: number, from: number, index: number): Cut {
    const line = lines[index]
    if (!line) return { at, suffix: '', prefix: '', inFence: false }
    if (line.fence) return { at, suffix: `\n${line.fence.mark}`, prefix: line.fence.opener, inFence: true }
    if (line.tableHead !== '' && at === line.start) {
      return { at, suffix: '', prefix: line.tableHead, inFence: false }
    }
    if (line.blockStart === at) return { at, suffix: '', prefix: '', inFence: false }
    const crossed = spansOf(line, index).filter((span) => span.from < at && at < span.to)
    const whole = crossed.find((span) => span.mark === '' && span.from > from)
    if (whole) return close(whole.from, from, lineAt(whole.from, index))
    const marks = crossed
      .filter(({ mark }) => mark !== '' && mark.length <= 8)
      .sort((a, b) => a.from - b.from)
    const suffix = marks
      .map(({ mark }) => mark)
      .reverse()
      .join('')
    return { at, suffix, prefix: marks.map(({ mark }) => mark).join(''), inFence: false }
  }

  function lineAt(at: number, near: number): number {
    let index = near
    while (index > 0 && (lines[index]?.start ?? 0) > at) index -= 1
    return index
  }

  return {
    cut(from, limit) {
      while ((lines[current]?.end ?? source.length) <= from && current < lines.length - 1) current += 1
      let last = current
      while ((lines[last]?.end ?? Number.POSITIVE_INFINITY) <= limit) last += 1
      // `last` is the line the limit falls into; cuts are possible before it and before those above it.
      const best = bestBorder(lines, current + 1, last, from, limit)
      if (best !== undefined) return close(lines[best]?.start ?? limit, from, best)
      return close(cutWords(source, from, limit), from, last)
    },
  }
}

/** The best rated, and of those the last, line to cut before; first among those that fill the part well. */
function bestBorder(
  lines: Line[],
  first: number,
  last: number,
  from: number,
  limit: number,
): number | undefined {
  for (const [share, least] of [
    [0.5, 1],
    [0.2, 3],
    [0.5, 0],
    [0.1, 0],
  ] as const) {
    let best: number | undefined
    for (let index = last; index >= first; index -= 1) {
      const line = lines[index]
      if (!line || line.start <= from + (limit - from) * share) break
      if (line.border > (best === undefined ? least : (lines[best]?.border ?? 0))) best = index
    }
    if (best !== undefined) return best
  }
  return undefined
}
