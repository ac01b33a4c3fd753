import { meansNothing, type Report } from '../measurement.ts'
import type { Machine } from './machine.ts'
import { type Cell, formatCell, type Table } from './table.ts'

/** A run as a section of a page: what it was made on, then a table after the other. `quick`: it was a smoke run. */
export function formatMarkdown(
  machine: Machine,
  reports: Readonly<Record<string, Report>>,
  quick: boolean,
): string {
  const { date, cores, cpu, memoryGb, system, node, commit } = machine
  const made = `${date.slice(0, 10)} · ${cores} cores, ${cpu}, ${memoryGb} GB · ${system} · Node ${node} · commit ${commit.slice(0, 12)}`
  const sections = Object.entries(reports).map(([name, report]) => formatReport(name, report))
  return `${[...(quick ? [meansNothing] : []), made, ...sections].join('\n\n')}\n`
}

function formatReport(name: string, { tables, notes }: Report): string {
  const list = notes.map((note) => `- ${note}`).join('\n')
  return [`### ${name}`, ...tables.map(formatTable), ...(list === '' ? [] : [list])].join('\n\n')
}

function formatTable({ title, columns, rows }: Table): string {
  const isNumber = columns.map(({ key }) => rows.some((row) => typeof row[key] === 'number'))
  const line = (cells: string[]): string => `| ${cells.join(' | ')} |`
  return [
    `**${title}**\n`,
    line(columns.map(({ head }) => head)),
    line(isNumber.map((right) => (right ? '--:' : '---'))),
    ...rows.map((row) => line(columns.map(({ key, digits }) => escaped(row[key], digits)))),
  ].join('\n')
}

const escaped = (cell: Cell, digits: number | undefined): string =>
  formatCell(cell, digits).replaceAll('|', '\\|')
