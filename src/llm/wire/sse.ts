import { StringDecoder } from 'node:string_decoder'

export interface SseParser {
  /** Takes the next bytes, cut anywhere; calls back for each event they complete. */
  push(bytes: Uint8Array): void
  /** The stream is over: an event without its closing empty line counts too, against the letter of the standard. */
  end(): void
}

/** A line, or the data of one event, is longer than the limit. */
export class SseTooLong extends Error {}

/**
 * Reads server-sent events (WHATWG HTML §9.2.6): lines end in LF, CRLF or CR, comments are skipped, several `data:`
 * lines are joined by a line feed. Only the data is passed on: every provider repeats the event's name inside of it.
 * Throws `SseTooLong`, and whatever `onData` throws.
 */
export function createSseParser(onData: (data: string) => void, limit: number): SseParser {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  let data: string | undefined
  let atStart = true
  let afterReturn = false

  const dispatch = (): void => {
    const complete = data
    data = undefined
    if (complete !== undefined) onData(complete)
  }
  const takeLine = (line: string): void => {
    if (line === '') return dispatch()
    const value = dataOf(line)
    if (value === undefined) return
    data = data === undefined ? value : `${data}\n${value}`
    if (data.length > limit) throw new SseTooLong()
  }
  const takeText = (text: string): void => {
    let start = afterReturn && text.startsWith('\n') ? 1 : 0
    afterReturn = text.endsWith('\r')
    const hasReturns = text.includes('\r')
    for (;;) {
      const end = hasReturns ? lineBreak(text, start) : text.indexOf('\n', start)
      if (end < 0) break
      const line = rest + text.slice(start, end)
      rest = ''
      start = text.startsWith('\r\n', end) ? end + 2 : end + 1
      takeLine(line)
    }
    rest += text.slice(start)
    if (rest.length > limit) throw new SseTooLong()
  }
  const takeDecoded = (text: string): void => {
    if (text === '') return
    takeText(atStart && text.startsWith('\ufeff') ? text.slice(1) : text)
    atStart = false
  }
  return {
    push: (bytes) => takeDecoded(decoder.write(bytes)),
    end: () => {
      takeDecoded(decoder.end())
      if (rest !== '') takeLine(rest)
      rest = ''
      dispatch()
    },
  }
}

const lineEnd = /[\r\n]/g

function lineBreak(text: string, from: number): number {
  lineEnd.lastIndex = from
  return lineEnd.exec(text)?.index ?? -1
}

/** The value of a `data` line, without the one space that may follow the colon. */
function dataOf(line: string): string | undefined {
  if (!line.startsWith('data')) return undefined
  if (line.length === 4) return ''
  if (line[4] !== ':') return undefined
  return line.slice(line[5] === ' ' ? 6 : 5)
}
