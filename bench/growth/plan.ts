/** How a statement finds its rows, one entry for each table it reads. */
export interface Plan {
  statement: string
  reads: string[]
  /** Tables of people's words that are read from end to end. */
  scanned: string[]
}

/** Reading one of these whole is what must not happen. */
const large = ['messages', 'conversations', 'contacts', 'turns']

/** The beginning of a statement, without its line breaks. */
export const shortened = (text: string): string => text.replace(/\s+/g, ' ').trim().slice(0, 90)

/** Plans of SQLite (https://sqlite.org/eqp.html): a `SCAN` without an index reads the table. */
export function sqlitePlan(text: string, details: readonly string[]): Plan {
  const reads = details.filter(
    (detail) => /^(SCAN|SEARCH) /.test(detail) && !/json_each|CONSTANT ROW/.test(detail),
  )
  const aliases = [...text.matchAll(/\b(messages|conversations|contacts|turns)(?:\s+as)?\s+(\w+)/gi)]
  const tableOf = (name: string): string => aliases.find(([, , alias]) => alias === name)?.[1] ?? name
  const scanned = reads
    .filter((detail) => /^SCAN \w+$/.test(detail))
    .map((detail) => tableOf(detail.slice('SCAN '.length)))
    .filter((table) => large.includes(table))
  return { statement: shortened(text), reads, scanned }
}

/** A node of PostgreSQL's plan (https://www.postgresql.org/docs/current/sql-explain.html, FORMAT JSON). */
export interface PlanNode {
  'Node Type': string
  'Relation Name'?: string
  'Index Name'?: string
  Plans?: PlanNode[]
}

export function postgresPlan(text: string, root: PlanNode): Plan {
  const nodes = flatten(root)
  const reads = nodes.flatMap((node) => {
    const { 'Node Type': type, 'Index Name': index, 'Relation Name': table } = node
    if (!type.includes('Scan') || !(index ?? table)) return []
    return [[type, index && `using ${index}`, table && `on ${table}`].filter(Boolean).join(' ')]
  })
  const scanned = nodes
    .filter((node) => node['Node Type'] === 'Seq Scan' && large.includes(node['Relation Name'] ?? ''))
    .map((node) => node['Relation Name'] ?? '')
  return { statement: shortened(text), reads, scanned }
}

const flatten = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(flatten)]
