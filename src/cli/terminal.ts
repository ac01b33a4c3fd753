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

/** Rows with their columns aligned; the last column is left as it is. With words of somebody else in them: `quote`. */
export function printTable(
  rows: readonly (readonly string[])[],
  indent = '  ',
  write: (line: string) => void = print,
): void {
  const widths: number[] = []
  for (const row of rows) {
    for (const [column, cell] of row.slice(0, -1).entries())
      widths[column] = Math.max(widths[column] ?? 0, width(cell))
  }
  for (const row of rows) {
    const cells = row.map(
      (cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - width(cell))),
    )
    write((indent + cells.join('  ')).trimEnd())
  }
}

/** A text of somebody else without the control characters by which it could take over the terminal. */
export function harmless(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]|\p{Bidi_Control}/gu, '')
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
