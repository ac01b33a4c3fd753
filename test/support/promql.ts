/** A name in a query that does not exist. */
export interface Unknown {
  metric?: string
  label?: string
}

/** Labels of a metric, by its name; those of a scrape come with every metric. */
export type Known = ReadonlyMap<string, ReadonlySet<string>>

const ofScrapes = ['job', 'instance', 'namespace', '__name__']
const words = new Set(
  'and or unless by without on ignoring group_left group_right offset bool inf nan start end'.split(' '),
)

/** Which metrics and labels of a query nobody exports. No parser: the queries here name every metric in the usual way. */
export function unknownNames(query: string, known: Known): Unknown[] {
  const text = query.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""')
  const groupings = [...text.matchAll(/\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)/g)]
  const bare = text
    .replaceAll(/\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, ' ')
    .replaceAll(/\[[^\]]*\]/g, ' ')
    .replaceAll(/\boffset\s+\w+/g, ' ')
  const metrics = new Set<string>()
  const problems: Unknown[] = []
  for (const [, name = '', matchers = ''] of bare.matchAll(/([a-zA-Z_:][\w:]*)\s*(\{[^}]*\}|\(|)/g)) {
    if (matchers === '(' || words.has(name.toLowerCase()) || isInside(bare, name)) continue
    metrics.add(name)
    const labels = known.get(name)
    if (!labels) problems.push({ metric: name })
    else
      for (const [, label = ''] of matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g))
        if (!labels.has(label) && !ofScrapes.includes(label)) problems.push({ metric: name, label })
  }
  const all = new Set([...ofScrapes, ...[...metrics].flatMap((name) => [...(known.get(name) ?? [])])])
  for (const [, list = ''] of groupings)
    for (const label of list.split(',').map((each) => each.trim()))
      if (label !== '' && !all.has(label)) problems.push({ label })
  return problems
}

/** Names of matchers are looked at with their metric. */
function isInside(text: string, name: string): boolean {
  const outside = text.replaceAll(/\{[^}]*\}/g, ' ')
  return !new RegExp(`(?<![\\w:])${name}(?![\\w:])`).test(outside)
}

/** The names that a metric of a kind has on the page Prometheus reads. */
export function exported({
  name,
  type,
  labels,
}: {
  name: string
  type: string
  labels: readonly string[]
}): [string, Set<string>][] {
  if (type !== 'histogram') return [[name, new Set(labels)]]
  return [
    [`${name}_bucket`, new Set([...labels, 'le'])],
    [`${name}_sum`, new Set(labels)],
    [`${name}_count`, new Set(labels)],
  ]
}
