import type { Tokens } from 'marked'
import { displayWidth } from './characters.ts'
import { plainInline } from './inline.ts'
import type { Page } from './page.ts'

/** A table as monospaced text: aligned columns, or as tight as it goes. */
export function writeTable(page: Page, table: Tokens.Table, aligned: boolean): void {
  const rows = [table.header, ...table.rows].map((row) =>
    row.map((cell) => plainInline(cell.tokens).replaceAll('\n', ' ').trim()),
  )
  const lines = aligned ? alignedLines(rows, table.align) : rows.map((row) => row.join('|'))
  page.styled({ type: 'pre', language: '' }, () => page.write(lines.join('\n')))
}

function alignedLines(rows: string[][], align: Tokens.Table['align']): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => displayWidth(row[column] ?? '')), 1),
  )
  const lines = rows.map((row) =>
    widths
      .map((width, column) => pad(row[column] ?? '', width, align[column] ?? null))
      .join(' │ ')
      .trimEnd(),
  )
  const rule = widths.map((width) => '─'.repeat(width)).join('─┼─')
  return [lines[0] ?? '', rule, ...lines.slice(1)]
}

function pad(text: string, width: number, align: 'left' | 'center' | 'right' | null): string {
  const missing = width - displayWidth(text)
  const before = align === 'right' ? missing : align === 'center' ? Math.floor(missing / 2) : 0
  return ' '.repeat(before) + text + ' '.repeat(missing - before)
}
