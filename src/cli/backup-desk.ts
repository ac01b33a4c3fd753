import type { DeskNeeds, Step } from '../app/backup/desk.ts'
import type { Proof } from '../app/backup/prove.ts'
import { processEnvironment } from '../config/env.ts'
import type { LoadedConfig } from '../config/load.ts'
import { ageText, durationText } from './amounts.ts'
import { onOneLine } from './terminal.ts'

const doing: Record<Step, string> = {
  copy: 'copying the database',
  pack: 'packing',
  fetch: 'reading and checking the backup',
  prove: 'restoring it in a scratch place',
  keep: 'keeping it',
  restore: 'putting it into place',
}

/** What a command on backups needs; while it works, a terminal shows at what and for how long. */
export function deskNeeds(loaded: LoadedConfig): DeskNeeds & { done(): void } {
  const status = createStatus(process.stderr)
  return {
    loaded,
    path: processEnvironment(process.cwd())['PATH'] ?? '',
    onStep: (step) => status.show(doing[step]),
    done: status.clear,
  }
}

/** A line of a terminal that is written over; nothing elsewhere. */
function createStatus(output: NodeJS.WriteStream): { show(text: string): void; clear(): void } {
  let timer: NodeJS.Timeout | undefined
  const clear = (): void => {
    if (timer === undefined) return
    clearInterval(timer)
    timer = undefined
    output.write('\r\u001b[K')
  }
  return {
    clear,
    show(text) {
      clear()
      if (!output.isTTY) return
      const from = Date.now()
      const write = (): void => void output.write(`\r\u001b[K… ${text}, ${ageText(Date.now() - from)}`)
      write()
      timer = setInterval(write, 1000).unref()
    },
  }
}

/** What a proof found, row by row. */
export const proofRows = ({ unpackMs, loadMs, examineMs, answerMs, question, answer }: Proof): string[][] => [
  ['checked', 'every byte of it', durationText(unpackMs)],
  ['loaded', 'into a scratch place', durationText(loadMs)],
  ['compared', 'tables and rows with its list', durationText(examineMs)],
  ['asked', `${question} → ${onOneLine(answer).slice(0, 40)}…`, durationText(answerMs)],
]
