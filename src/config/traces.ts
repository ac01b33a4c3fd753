import type { TracesConfig } from './config.ts'
import { splitList } from './overlay.ts'
import { type Problem, show } from './problem.ts'

type Values = ReadonlyMap<string, string>

const whole = 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'
const base = 'OTEL_EXPORTER_OTLP_ENDPOINT'
const credentials = 'OTEL_EXPORTER_OTLP_HEADERS'
const share = 'OTEL_TRACES_SAMPLER_ARG'

/** Where traces go, as the names of OpenTelemetry say; `undefined`: nowhere. Nothing of the rest is looked at then. */
export function buildTraces(values: Values): TracesConfig | undefined {
  const endpoint = endpointOf(values)
  if (endpoint === undefined) return undefined
  return {
    endpoint: endpoint.address,
    headers: headersOf(values.get(credentials) ?? '') ?? {},
    service: values.get('OTEL_SERVICE_NAME') ?? 'parley',
    ratio: Number(values.get(share) ?? 1),
  }
}

/** https://opentelemetry.io/docs/specs/otel/protocol/exporter/#endpoint-urls-for-otlphttp */
function endpointOf(values: Values): { setting: string; address: string } | undefined {
  const given = values.get(whole)
  if (given !== undefined) return { setting: whole, address: given }
  const root = values.get(base)
  return root === undefined ? undefined : { setting: base, address: `${root.replace(/\/+$/, '')}/v1/traces` }
}

export function checkTraces(values: Values): Problem[] {
  const endpoint = endpointOf(values)
  if (endpoint === undefined) return []
  const { setting, address } = endpoint
  return [...checkEndpoint(setting, address), ...checkHeaders(values), ...checkShare(values.get(share))]
}

function checkEndpoint(setting: string, address: string): Problem[] {
  const expected = 'an address such as http://collector.example:4318'
  if (!URL.canParse(address)) return [{ setting, found: 'not a URL', expected }]
  const { protocol, host, username, password } = new URL(address)
  if (!/^https?:$/.test(protocol)) {
    const found = host === '' ? `${protocol} without a host` : show(`${protocol}//${host}`)
    return [{ setting, found, expected }]
  }
  return username + password === ''
    ? []
    : [{ setting, found: 'a login in it', expected: `one without; ${credentials}=Authorization=Basic%20…` }]
}

function checkHeaders(values: Values): Problem[] {
  if (headersOf(values.get(credentials) ?? '')) return []
  const expected =
    'name=value,name=value with values percent-encoded, such as Authorization=Basic%20dXNlcjpwYXNz'
  return [{ setting: credentials, found: 'something else (not shown)', expected }]
}

function checkShare(text: string | undefined): Problem[] {
  if (text === undefined || (/^\d*\.?\d+$/.test(text) && Number(text) <= 1)) return []
  return [{ setting: share, found: show(text), expected: 'the part of the turns to trace, 0 to 1' }]
}

/** As a browser of W3C Baggage reads it; `undefined`: it is something else. */
function headersOf(text: string): Record<string, string> | undefined {
  const headers: Record<string, string> = {}
  for (const entry of splitList(text)) {
    const [, name = '', value = ''] = /^([!#$%&'*+.^`|~\w-]+)\s*=\s*(.*)$/.exec(entry) ?? []
    const decoded = decode(value)
    if (name === '' || decoded === undefined) return undefined
    headers[name.toLowerCase()] = decoded
  }
  return headers
}

/** Percent-encoding undone; `undefined` where there is none, or no header can have what it stands for. */
function decode(value: string): string | undefined {
  try {
    const decoded = decodeURIComponent(value)
    return /^[\t\x20-\x7e]*$/.test(decoded) ? decoded : undefined
  } catch {
    return undefined
  }
}
