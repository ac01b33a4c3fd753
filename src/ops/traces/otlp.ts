import type { Span, SpanKind } from './span.ts'

/** What the spans of a process have in common. */
export interface Resource {
  service: string
  version: string
  /** Which of its processes. */
  instance: string
  environment: string
}

/** `SpanKind` and `StatusCode` are numbers on this wire. */
const kinds: Record<SpanKind, number> = { internal: 1, client: 3, consumer: 5 }
const error = 2

/**
 * The body of an export: OTLP in JSON, where ids are hexadecimal and 64-bit numbers are text
 * (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding).
 */
export function toOtlp(spans: readonly Span[], resource: Resource): string {
  const { service, version, instance, environment } = resource
  const attributes = attributesOf({
    'service.name': service,
    'service.version': version,
    'service.instance.id': instance,
    'deployment.environment.name': environment,
  })
  const scope = { name: 'parley', version }
  return JSON.stringify({
    resourceSpans: [{ resource: { attributes }, scopeSpans: [{ scope, spans: spans.map(toSpan) }] }],
  })
}

const toSpan = ({ traceId, spanId, parentId, name, kind, start, end, attributes, failed }: Span): object => ({
  traceId,
  spanId,
  parentSpanId: parentId,
  name,
  kind: kinds[kind],
  startTimeUnixNano: nanoseconds(start),
  endTimeUnixNano: nanoseconds(Math.max(start, end)),
  attributes: attributesOf(attributes),
  ...(failed && { status: { code: error } }),
})

const nanoseconds = (ms: number): string => `${Math.round(ms)}000000`

const attributesOf = (attributes: Span['attributes']): object[] =>
  Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [{ key, value: valueOf(key, value) }],
  )

/** Attributes that are no whole numbers; an attribute has one type, whatever its value. */
const reals: ReadonlySet<string> = new Set(['parley.confidence'])

function valueOf(key: string, value: string | number | boolean): object {
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'boolean') return { boolValue: value }
  return reals.has(key) ? { doubleValue: value } : { intValue: String(Math.round(value)) }
}
