export interface Column {
  key: string
  head: string
  /** Digits after the point; 0 when not set. */
  digits?: number
}

export type Cell = string | number | undefined

export interface Table {
  title: string
  columns: Column[]
  rows: Record<string, Cell>[]
}

/** The table as aligned text: words to the left, numbers to the right. */
export function formatTable({ title, columns, rows }: Table): string {
  const text = rows.map((row) => columns.map((column) => formatCell(row[column.key], column.digits)))
  const isNumber = columns.map(({ key }) => rows.some((row) => typeof row[key] === 'number'))
  const widths = columns.map(({ head }, index) =>
    Math.max(head.length, ...text.map((cells) => cells[index]?.length ?? 0)),
  )
  const line = (cells: string[]): string =>
    cells
      .map((cell, index) =>
        isNumber[index] ? cell.padStart(widths[index] ?? 0) : cell.padEnd(widths[index] ?? 0),
      )
      .join('  ')
      .trimEnd()
  return [title, line(columns.map(({ head }) => head)), ...text.map(line)].join('\n')
}

/** A number with its thousands apart, a dash for nothing. */
export function formatCell(cell: Cell, digits = 0): string {
  if (cell === undefined) return '–'
  if (typeof cell === 'string') return cell
  return cell.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}
