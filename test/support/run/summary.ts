export interface Line {
  step: string
  seconds: number
  passed: number
  failed: number
}

/** A table of the steps and, alone on its line, what counts: `N passed, N failed`. */
export function summary(lines: Line[]): string {
  const width = Math.max(4, ...lines.map(({ step }) => step.length))
  const rows = lines.map(({ step, seconds, passed, failed }) => {
    const result = failed === 0 ? 'ok' : `${failed} FAILED`
    return `${step.padEnd(width)}  ${seconds.toFixed(1).padStart(7)}  ${String(passed).padStart(6)}  ${result}`
  })
  const sum = (count: (line: Line) => number): number => lines.reduce((total, line) => total + count(line), 0)
  const heading = `${'step'.padEnd(width)}  seconds  passed  result`
  const total = `${sum(({ passed }) => passed)} passed, ${sum(({ failed }) => failed)} failed`
  return `\n${heading}\n${rows.join('\n')}\n\n${total}\n`
}
