import { ageText } from './amounts.ts'

/** A line of a terminal that is written over, with the time since `from`; nothing elsewhere. */
export function createStatus(output: NodeJS.WriteStream): {
  show(text: string, from?: number): void
  clear(): void
} {
  let timer: NodeJS.Timeout | undefined
  const clear = (): void => {
    if (timer === undefined) return
    clearInterval(timer)
    timer = undefined
    output.write('\r\u001b[K')
  }
  return {
    clear,
    show(text, from = Date.now()) {
      clear()
      if (!output.isTTY) return
      const write = (): void => void output.write(`\r\u001b[K… ${text}, ${ageText(Date.now() - from)}`)
      write()
      timer = setInterval(write, 1000).unref()
    },
  }
}
