import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createSseParser, SseTooLong } from './sse.ts'

function eventsOf(chunks: Uint8Array[], limit = 1_000_000): string[] {
  const events: string[] = []
  const parser = createSseParser((data) => events.push(data), limit)
  for (const chunk of chunks) parser.push(chunk)
  parser.end()
  return events
}

const parse = (text: string): string[] => eventsOf([Buffer.from(text)])

/** The bytes in pieces that end at these places. */
function cut(bytes: Uint8Array, places: number[]): Uint8Array[] {
  const ends = [
    ...places.map((place) => place % (bytes.length + 1)).toSorted((one, other) => one - other),
    bytes.length,
  ]
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end))
}

describe('server-sent events', () => {
  test.each<[string, string, string[]]>([
    ['one event', 'data: a\n\n', ['a']],
    ['a name, an id and a retry are skipped', 'event: x\nid: 1\nretry: 5\ndata: a\n\n', ['a']],
    ['only one space is taken off', 'data:  a\n\ndata:b\n\n', [' a', 'b']],
    ['several lines of data', 'data: a\ndata: b\ndata\n\n', ['a\nb\n']],
    ['an event without data is none', 'event: ping\n\n: comment\n\n\n\ndata: a\n\n', ['a']],
    ['CRLF and CR', 'data: a\r\n\r\ndata: b\r\rdata: c\r\n\n', ['a', 'b', 'c']],
    ['a mark of the byte order', '\ufeffdata: a\n\n', ['a']],
    ['no line break at the end', 'data: a\n\ndata: b', ['a', 'b']],
    ['a field that only begins like data', 'database: 1\ndata: a\n\n', ['a']],
    ['nothing', '', []],
  ])('%s', (_name, text, events) => {
    expect(parse(text)).toEqual(events)
  })

  test('any cut of any bytes gives the same events', () => {
    const soup = fc.array(
      fc.oneof(
        fc.constantFrom(
          'data:',
          'data: ',
          '\n',
          '\r',
          '\r\n',
          '\n\n',
          ': ',
          'event: x',
          '{"a":1}',
          'привет',
          '🌍',
          '\ufeff',
        ),
        fc.string({ unit: 'binary', maxLength: 6 }),
      ),
      { maxLength: 40 },
    )
    fc.assert(
      fc.property(soup, fc.array(fc.nat(), { maxLength: 20 }), (pieces, places) => {
        const bytes = Buffer.from(pieces.join(''))
        expect(eventsOf(cut(bytes, places))).toEqual(eventsOf([bytes]))
      }),
      { numRuns: 1500 },
    )
  })

  test('any cut of bytes that are no text gives the same events', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.array(fc.nat(), { maxLength: 8 }), (noise, places) => {
        const bytes = Buffer.concat([Buffer.from('data: '), noise, Buffer.from('\n\ndata: end\n\n')])
        expect(eventsOf(cut(bytes, places))).toEqual(eventsOf([bytes]))
      }),
      { numRuns: 500 },
    )
  })

  test('what was sent is what arrives, however its lines end', () => {
    const lines = fc.string({ unit: 'grapheme' }).filter((text) => !/[\r\n]/.test(text))
    fc.assert(
      fc.property(
        fc.array(fc.array(lines, { minLength: 1, maxLength: 3 }), { maxLength: 8 }),
        fc.constantFrom('\n', '\r\n', '\r'),
        (sent, newline) => {
          const lineOf = (line: string): string => `data: ${line}${newline}`
          const bytes = Buffer.from(sent.map((event) => event.map(lineOf).join('') + newline).join(''))
          const expected = sent.map((event) => event.join('\n').toWellFormed())
          expect(eventsOf([bytes])).toEqual(expected)
          expect(eventsOf([...bytes].map((byte) => Uint8Array.of(byte)))).toEqual(expected)
        },
      ),
    )
  })

  test('a line or an event over the limit is refused before it is whole', () => {
    const endless = Array.from({ length: 100 }, () => Buffer.from('x'.repeat(100)))
    expect(() => eventsOf([Buffer.from('data: '), ...endless], 1000)).toThrow(SseTooLong)
    const lines = Array.from({ length: 100 }, () => Buffer.from(`data: ${'x'.repeat(100)}\n`))
    expect(() => eventsOf(lines, 1000)).toThrow(SseTooLong)
    expect(eventsOf([Buffer.from(`: ${'x'.repeat(900)}\n`), Buffer.from('data: a\n\n')], 1000)).toEqual(['a'])
  })
})
