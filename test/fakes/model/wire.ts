import type { Wire } from './behaviour.ts'
import type { FakeEvent } from './format.ts'

/** The bytes of some events, as a provider with these habits sends them. */
export function renderEvents(events: FakeEvent[], wire: Wire = {}): Buffer {
  const newline = wire.newline ?? '\n'
  const comment = wire.comments ? `: keep-alive${newline}${newline}` : ''
  const text = events.map((event) => comment + renderEvent(event, wire, newline)).join('')
  return Buffer.from(text)
}

function renderEvent(event: FakeEvent, wire: Wire, newline: string): string {
  const name = event.name ? `event: ${event.name}${newline}` : ''
  return `${name}${dataLines(event.data, wire).join(newline)}${newline}${newline}`
}

/** JSON may break after any comma outside of a string; pretty-printing finds such places. */
function dataLines(data: string, wire: Wire): string[] {
  if (!wire.multiline || !data.startsWith('{')) return [`data: ${data}`]
  return JSON.stringify(JSON.parse(data), null, 1)
    .split('\n')
    .map((line) => `data: ${line}`)
}

/** The same bytes without the line breaks at the very end. */
export function withoutEnd(bytes: Buffer): Buffer {
  let end = bytes.length
  while (end > 0 && (bytes[end - 1] === 10 || bytes[end - 1] === 13)) end -= 1
  return bytes.subarray(0, end)
}
