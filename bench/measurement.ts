import type { Table } from './report/table.ts'

/** What a smoke run says first, wherever its figures go. */
export const meansNothing = 'A smoke run: its figures mean nothing.'

export interface Options {
  /** A smoke run: everything is done once and briefly; the figures mean nothing. */
  quick: boolean
  /** How often each subject is measured. */
  rounds: number
  /** How long the soak lasts. */
  minutes: number
  /** Folder for CPU profiles of Parley, where a measurement can take them. */
  profile: string | undefined
}

/** Something `npm run bench` can measure. Every figure stands beside one of something else from the same run. */
export interface Measurement {
  name: string
  /** One line for the list. */
  about: string
  /** About how long it takes, in minutes. */
  minutes(options: Options): number
  /** `say` tells how far it is. */
  run(options: Options, say: (progress: string) => void): Promise<Report>
}

export interface Report {
  /** How it was measured: one sentence each. */
  method: string[]
  tables: Table[]
  /** What a reader of the figures must know: ratios, and what disturbed them. */
  notes: string[]
  /** Every round, for machines. */
  rounds?: readonly { name: string; all: readonly object[] }[]
}
