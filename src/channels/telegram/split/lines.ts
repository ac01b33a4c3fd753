/** A line of Markdown and what a cut before it would break. */
export interface Line {
  start: number
  /** After its line break. */
  end: number
  /** The open code fence it stands in. */
  fence: Fence | undefined
  /** Header and rule of the table it is a row of. */
  tableHead: string
  /** How good a place before it is to cut: 5 between paragraphs, 0 worst. */
  border: number
  /** Where its paragraph, item or quote begins. */
  blockStart: number
}

export interface Fence {
  /** Backticks or tildes. */
  mark: string
  /** The line that opens it again. */
  opener: string
}

const fenceLine = /^[\s>]*(?:(?:[-*+]|\d{1,9}[.)])\s+)?(`{3,16}|~{3,16})\s*([^\s`]{0,32})/
const heading = /^#{1,6}\s/
const item = /^(\s*)(?:[-*+]|\d{1,9}[.)])\s/
const tableRule = /^[\s>]*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)+\|?\s*$/
/** A table's head longer than this is not repeated. */
const longestHead = 600

/** Cuts a text into lines and rates each as a place to cut, in one pass. */
export function readLines(source: string): Line[] {
  const lines: Line[] = []
  let fence: Fence | undefined
  let tableHead = ''
  let before = ''
  for (let start = 0; start < source.length; ) {
    const next = source.indexOf('\n', start)
    const end = next < 0 ? source.length : next + 1
    const text = source.slice(start, Math.min(end, start + 2000)).trimEnd()
    if (tableHead !== '' && !text.includes('|')) tableHead = ''
    const line: Line = {
      start,
      end,
      fence,
      tableHead,
      border: rate(text, before, fence, tableHead),
      blockStart: start,
    }
    const above = lines.at(-1)
    if (above && fence === undefined && continues(text, before)) line.blockStart = above.blockStart
    lines.push(line)
    fence = step(fence, text)
    if (fence === undefined && above && before.includes('|') && tableRule.test(text)) {
      const head = source.slice(above.start, end).trimEnd()
      tableHead = head.length <= longestHead ? `${head}\n` : ''
    }
    before = text
    start = end
  }
  return lines
}

function rate(text: string, before: string, fence: Fence | undefined, tableHead: string): number {
  const afterBlank = before === ''
  if (fence) return afterBlank ? 2 : 1
  if (afterBlank || heading.test(text)) return 5
  if (fenceLine.test(text)) return 4
  if (tableHead !== '' || tableRule.test(text)) return tableHead === '' ? 0 : 2
  const indent = item.exec(text)?.[1]
  if (indent !== undefined) return indent === '' ? 4 : 3
  return 1
}

const continues = (text: string, before: string): boolean =>
  before !== '' && text !== '' && !heading.test(text) && !item.test(text) && !heading.test(before)

function step(fence: Fence | undefined, text: string): Fence | undefined {
  const match = fenceLine.exec(text)
  const mark = match?.[1]
  if (mark === undefined) return fence
  if (fence === undefined) return { mark, opener: `${mark}${match?.[2] ?? ''}\n` }
  const closes = mark[0] === fence.mark[0] && mark.length >= fence.mark.length && /^[\s>]*[`~]+$/.test(text)
  return closes ? undefined : fence
}
