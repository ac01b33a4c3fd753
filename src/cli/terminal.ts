import { stripVTControlCharacters, styleText } from 'node:util'
import { spelled } from './spelling.ts'

type Style = Parameters<typeof styleText>[0]

/** Styles text for standard output; plain where that is no terminal or NO_COLOR is set. */
export function paint(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout })
}

/** A line of ours; commands in it become those of this installation. */
export function print(line = ''): void {
  quote(spelled(line))
}

/** A line with words of somebody else, left as they are. */
export function quote(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** For machines: one JSON document. What it says under `next` is a step of ours. */
export function printJson(value: unknown): void {
  const spell = (key: string, field: unknown) =>
    key === 'next' && typeof field === 'string' ? spelled(field) : field
  quote(JSON.stringify(value, spell, 2))
}

/**
 * Rows with their columns aligned; on a terminal the last column is broken between words where it is too wide. `spell`:
 * how a cell is written; words of somebody else are left as they are.
 */
export function printTable(
  rows: readonly (readonly string[])[],
  spell: (cell: string) => string = (cell) => spelled(cell),
  indent = '  ',
): void {
  const widths: number[] = []
  const cells = rows.map((row) => row.map(spell))
  for (const row of cells) {
    for (const [column, cell] of row.slice(0, -1).entries())
      widths[column] = Math.max(widths[column] ?? 0, width(cell))
  }
  const columns = columnsOf(process.stdout)
  for (const row of cells) {
    const padded = row
      .slice(0, -1)
      .map((cell, column) => `${cell}${' '.repeat((widths[column] ?? 0) - width(cell))}  `)
    const before = indent + padded.join('')
    const lines = wrap(row.at(-1) ?? '', columns - width(before))
    for (const [index, line] of lines.entries())
      quote(`${index === 0 ? before : ' '.repeat(width(before))}${line}`.trimEnd())
  }
}

/** Columns of the terminal behind a stream; without one a line may be as long as it is. */
export function columnsOf(stream: { columns?: number }): number {
  return stream.columns ?? Number.POSITIVE_INFINITY
}

/** Too narrow for a sentence: better wide. */
const leastColumns = 20

/** The lines of a text, broken between words so that they fit; what follows a break is indented like its line. */
export function wrap(text: string, columns: number): string[] {
  return text.split('\n').flatMap((line) => {
    const indent = /^ */.exec(line)?.[0] ?? ''
    if (columns - indent.length < leastColumns) return [line]
    const lines: string[] = []
    let current = indent
    for (const word of line.trim().split(' ')) {
      const longer = current === indent ? current + word : `${current} ${word}`
      if (width(longer) > columns && current !== indent) {
        lines.push(current)
        current = indent + word
      } else current = longer
    }
    return [...lines, current]
  })
}

/** A text of somebody else without the control characters by which it could take over the terminal. */
export function harmless(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]|\p{Bidi_Control}/gu, '')
}

const longestLine = 300

/** What somebody else wrote, harmless and short. */
export function onOneLine(text: string): string {
  const line = harmless(text).replace(/\s+/g, ' ').trim()
  return line.length > longestLine ? `${line.slice(0, longestLine - 1)}…` : line
}

/** Columns a text takes, colours not counted. */
function width(text: string): number {
  return [...stripVTControlCharacters(text)].length
}

/** What ends a command without success; the message says what is wrong and what to do. */
export class CommandFailure extends Error {
  /** 1: it failed; 2: wrong usage or configuration. */
  readonly exitCode: 1 | 2
  constructor(message: string, exitCode: 1 | 2 = 1) {
    super(message)
    this.name = 'CommandFailure'
    this.exitCode = exitCode
  }
}
