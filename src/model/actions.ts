import type { Button } from './message.ts'

/** Button actions the engine itself understands. */
export const actions = {
  human: 'human:request',
  rephrase: 'rephrase:request',
  /** Runs a command, as if `/name` had been written. */
  command: (name: string): string => `cmd:${name}`,
} as const

/** A label longer than this gets a row of its own: two of them do not fit a phone. */
const halfRow = 18

/** Buttons in rows of two where the labels are short, else one a row. */
export function buttonRows(buttons: Button[]): Button[][] {
  const rows: Button[][] = []
  for (const button of buttons) {
    const last = rows.at(-1)
    const beside = last?.length === 1 && [...last, button].every(({ label }) => label.length <= halfRow)
    if (beside) last.push(button)
    else rows.push([button])
  }
  return rows
}
