/** A span as a collector keeps it. */
export interface CollectedSpan {
  traceId: string
  spanId: string
  parentSpanId: string | undefined
  name: string
  kind: number
  /** Milliseconds since the epoch. */
  start: number
  end: number
  failed: boolean
  attributes: Record<string, string | number | boolean>
  /** Of the process that sent it. */
  resource: Record<string, string | number | boolean>
}

/**
 * The spans of an export in JSON, read as strictly as the specification allows
 * (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding). Throws with the place of what is wrong.
 */
export function readExport(body: unknown): CollectedSpan[] {
  return listOf(shapeOf(body, 'export', ['resourceSpans'])['resourceSpans'], 'resourceSpans').flatMap(
    (entry, index) => {
      const at = `resourceSpans[${index}]`
      const shape = shapeOf(entry, at, ['resource', 'scopeSpans', 'schemaUrl'])
      const resource = attributesOf(
        shapeOf(shape['resource'], `${at}.resource`, ['attributes', 'droppedAttributesCount'])['attributes'],
        `${at}.resource.attributes`,
      )
      if (typeof resource['service.name'] !== 'string') throw new Error(`${at} has no service.name`)
      return listOf(shape['scopeSpans'], `${at}.scopeSpans`).flatMap((scoped, nth) =>
        readScope(scoped, `${at}.scopeSpans[${nth}]`, resource),
      )
    },
  )
}

function readScope(value: unknown, at: string, resource: CollectedSpan['resource']): CollectedSpan[] {
  const { scope, spans } = shapeOf(value, at, ['scope', 'spans', 'schemaUrl'])
  const named = shapeOf(scope, `${at}.scope`, ['name', 'version', 'attributes', 'droppedAttributesCount'])
  textOf(named['name'], `${at}.scope.name`)
  return listOf(spans, `${at}.spans`).map((span, index) => readSpan(span, `${at}.spans[${index}]`, resource))
}

const spanFields = [
  'traceId',
  'spanId',
  'traceState',
  'parentSpanId',
  'flags',
  'name',
  'kind',
  'startTimeUnixNano',
  'endTimeUnixNano',
  'attributes',
  'droppedAttributesCount',
  'events',
  'droppedEventsCount',
  'links',
  'droppedLinksCount',
  'status',
]

function readSpan(value: unknown, at: string, resource: CollectedSpan['resource']): CollectedSpan {
  const span = shapeOf(value, at, spanFields)
  const parent = span['parentSpanId']
  const found: CollectedSpan = {
    traceId: idOf(span['traceId'], 32, `${at}.traceId`),
    spanId: idOf(span['spanId'], 16, `${at}.spanId`),
    parentSpanId: parent === undefined ? undefined : idOf(parent, 16, `${at}.parentSpanId`),
    name: textOf(span['name'], `${at}.name`),
    kind: wholeOf(span['kind'], 1, 5, `${at}.kind`),
    start: timeOf(span['startTimeUnixNano'], `${at}.startTimeUnixNano`),
    end: timeOf(span['endTimeUnixNano'], `${at}.endTimeUnixNano`),
    failed: hasFailed(span['status'], `${at}.status`),
    attributes: attributesOf(span['attributes'] ?? [], `${at}.attributes`),
    resource,
  }
  if (found.end < found.start) throw new Error(`${at} ends before it begins`)
  if (found.parentSpanId === found.spanId) throw new Error(`${at} is its own parent`)
  return found
}

function hasFailed(value: unknown, at: string): boolean {
  if (value === undefined) return false
  const { code } = shapeOf(value, at, ['code', 'message'])
  return wholeOf(code, 0, 2, `${at}.code`) === 2
}

function attributesOf(value: unknown, at: string): Record<string, string | number | boolean> {
  const found: Record<string, string | number | boolean> = {}
  for (const [index, entry] of listOf(value, at).entries()) {
    const { key, value: wrapped } = shapeOf(entry, `${at}[${index}]`, ['key', 'value'])
    const name = textOf(key, `${at}[${index}].key`)
    if (name in found) throw new Error(`${at} has ${name} twice`)
    found[name] = valueOf(wrapped, `${at}.${name}`)
  }
  return found
}

/** Exactly one kind; whole numbers of 64 bits as text. */
function valueOf(value: unknown, at: string): string | number | boolean {
  const entries = Object.entries(shapeOf(value, at, ['stringValue', 'boolValue', 'intValue', 'doubleValue']))
  const [[kind, given] = ['', undefined], ...more] = entries
  if (more.length > 0) throw new Error(`${at} has several values`)
  if (kind === 'stringValue' && typeof given === 'string') return given
  if (kind === 'boolValue' && typeof given === 'boolean') return given
  if (kind === 'intValue' && typeof given === 'string' && /^-?\d{1,19}$/.test(given)) return Number(given)
  if (kind === 'doubleValue' && typeof given === 'number' && Number.isFinite(given)) return given
  throw new Error(`${at} has no value of its kind: ${JSON.stringify(value)}`)
}

function shapeOf(value: unknown, at: string, fields: readonly string[]): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error(`${at} is no object`)
  const unknown = Object.keys(value).find((key) => !fields.includes(key))
  if (unknown !== undefined) throw new Error(`${at} has an unknown field ${unknown}`)
  return { ...value }
}

function listOf(value: unknown, at: string): unknown[] {
  if (!Array.isArray(value)) throw new Error(`${at} is no list`)
  return value
}

function textOf(value: unknown, at: string): string {
  if (typeof value !== 'string' || value === '') throw new Error(`${at} is no text`)
  return value
}

function idOf(value: unknown, digits: number, at: string): string {
  if (
    typeof value !== 'string' ||
    value.length !== digits ||
    !/^[0-9a-f]+$/.test(value) ||
    /^0+$/.test(value)
  )
    throw new Error(`${at} is no id of ${digits} hexadecimal digits: ${String(value)}`)
  return value
}

function wholeOf(value: unknown, least: number, most: number, at: string): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most)
    throw new Error(`${at} is no whole number from ${least} to ${most}`)
  return value
}

/** Nanoseconds since the epoch as text, of these decades: whoever sends milliseconds is found out. */
function timeOf(value: unknown, at: string): number {
  if (typeof value !== 'string' || !/^[12]\d{18}$/.test(value))
    throw new Error(`${at} is no text of nanoseconds: ${String(value)}`)
  return Number(BigInt(value) / 1_000_000n)
}
