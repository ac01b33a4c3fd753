import { harmless } from './terminal.ts'

/** Shows an answer while it grows. */
export interface Preview {
  /** The answer so far, whole. */
  show(text: string): void
  /** The answer as it was committed. */
  finish(text: string): void
}

/**
 * Writes only what is new. Where the answer turns out to be another than the one begun (a second model took over),
 * the rest of it follows below a line. Without a terminal only the finished answer is written.
 */
export function createPreview(output: NodeJS.WriteStream, enabled: boolean): Preview {
  let shown = ''
  const live = enabled && output.isTTY
  const write = (answer: string) => {
    const text = harmless(answer)
    if (text.startsWith(shown)) output.write(text.slice(shown.length))
    else output.write(`${shown === '' ? '' : '\n—\n'}${text}`)
    shown = text
  }
  return {
    show: (text) => {
      if (live) write(text)
    },
    finish: (text) => {
      write(text)
      output.write('\n')
    },
  }
}
