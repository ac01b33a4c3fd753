/** A stretch of emphasis or code in a paragraph: `mark` opens it at `from` and closes it before `to`. */
export interface Span {
  from: number
  to: number
  /** Empty for what must not be cut at all: a link. */
  mark: string
}

const link = /!?\[[^[\]\n]{0,300}\]\([^()\s]{0,600}\)/y
const space = /\s/
const punctuation = /[\p{P}\p{S}]/u

/** Emphasis, code and links of one paragraph, in linear time. Marks without a partner are plain text. */
export function findSpans(text: string): Span[] {
  const spans: Span[] = []
  const open: { mark: string; at: number }[] = []
  const ticks = tickRuns(text)
  for (let at = 0; at < text.length; ) {
    const character = text[at] ?? ''
    if (character === '\\') at += 2
    else if (character === '`') at = readCode(text, at, ticks, spans)
    else if (character === '[') at = readLink(text, at, spans)
    else if (character === '*' || character === '_' || character === '~') at = readMark(text, at, open, spans)
    else at += 1
  }
  return spans
}

/** Where runs of backticks begin, by their length, latest first. */
function tickRuns(text: string): Map<number, number[]> {
  const runs = new Map<number, number[]>()
  for (const match of text.matchAll(/`+/g)) {
    const places = runs.get(match[0].length)
    if (places) places.push(match.index)
    else runs.set(match[0].length, [match.index])
  }
  for (const places of runs.values()) places.reverse()
  return runs
}

function readCode(text: string, at: number, ticks: Map<number, number[]>, spans: Span[]): number {
  let end = at
  while (text[end] === '`') end += 1
  const places = ticks.get(end - at) ?? []
  while ((places.at(-1) ?? Number.POSITIVE_INFINITY) <= at) places.pop()
  const close = places.at(-1)
  if (close === undefined) return end
  const to = close + (end - at)
  spans.push({ from: at, to, mark: text.slice(at, end) })
  return to
}

function readLink(text: string, at: number, spans: Span[]): number {
  link.lastIndex = at
  const match = link.exec(text)
  if (!match) return at + 1
  spans.push({ from: at, to: at + match[0].length, mark: '' })
  return at + match[0].length
}

function readMark(text: string, at: number, open: { mark: string; at: number }[], spans: Span[]): number {
  const character = text[at] ?? ''
  let end = at
  while (text[end] === character) end += 1
  const mark = text.slice(at, end)
  const { opens, closes } = flanks(text[at - 1] ?? ' ', text[end] ?? ' ', character)
  const partner = closes ? open.findLastIndex((candidate) => candidate.mark === mark) : -1
  const found = open[partner]
  if (found) {
    open.length = partner
    spans.push({ from: found.at, to: end, mark })
  } else if (opens && mark.length <= 3 && open.length < 8) open.push({ mark, at })
  return end
}

/** CommonMark §6.2, left- and right-flanking. */
function flanks(before: string, after: string, character: string): { opens: boolean; closes: boolean } {
  const left =
    !space.test(after) && (!punctuation.test(after) || space.test(before) || punctuation.test(before))
  const right =
    !space.test(before) && (!punctuation.test(before) || space.test(after) || punctuation.test(after))
  if (character !== '_') return { opens: left, closes: right }
  return { opens: left && !right, closes: right && !left }
}
