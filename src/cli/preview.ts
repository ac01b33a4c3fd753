import { harmless } from './terminal.ts'

/** Shows an answer while it grows. */
export interface Preview {
  /** The answer so far, whole. */
  show(text: string): void
  /** The answer as it was committed. */
  finish(text: string): void
}

/** How Markdown is shown in a terminal, and what of a growing text can be shown. */
export interface Plain {
  plainOf(markdown: string): string
  settledOf(markdown: string): string
}

/**
 * Writes only what is new. Where the answer turns out to be another than the one begun (a second model took over),
 * the rest of it follows below a line. Without a terminal only the finished answer is written.
 */
export function createPreview(
  output: NodeJS.WriteStream,
  enabled: boolean,
  { plainOf, settledOf }: Plain,
): Preview {
  let shown = ''
  const live = enabled && output.isTTY
  const write = (answer: string) => {
    const text = harmless(plainOf(answer))
    if (text.startsWith(shown)) output.write(text.slice(shown.length))
    else output.write(`${shown === '' ? '' : '\n—\n'}${text}`)
    shown = text
  }
  return {
    show: (text) => {
      const settled = live ? settledOf(text) : ''
      if (settled !== '') write(settled)
    },
    finish: (text) => {
      write(text)
      output.write('\n')
    },
  }
}
