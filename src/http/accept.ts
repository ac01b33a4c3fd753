/** Ranges of one header that are looked at; no browser names as many. */
const mostRanges = 50

/** Whether a client with this `Accept` would rather have a page than data: browsers do, programs do not say so. */
export function prefersPage(accept: string | undefined): boolean {
  const ranges = new Map((accept ?? '').toLowerCase().split(',', mostRanges).map(parseRange))
  return weightOf(ranges, 'text/html') > weightOf(ranges, 'application/json')
}

/** A media type weighs as much as the most specific range it falls under (RFC 9110 §12.5.1). */
function weightOf(ranges: ReadonlyMap<string, number>, type: string): number {
  const [family] = type.split('/', 1)
  return ranges.get(type) ?? ranges.get(`${family}/*`) ?? ranges.get('*/*') ?? 0
}

function parseRange(range: string): [type: string, weight: number] {
  const [type = '', ...parameters] = range.split(';').map((part) => part.trim())
  const weight = parameters.find((parameter) => parameter.startsWith('q='))
  return [type, weight === undefined ? 1 : Number(weight.slice(2)) || 0]
}
