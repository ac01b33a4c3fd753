import { expect, test } from 'vitest'
import type { Outcome } from './drill.ts'
import { tableOf, wrongIn } from './table.ts'

const well: Outcome = {
  asked: 3,
  lost: [],
  repeated: 0,
  unexplained: [],
  agesMs: [],
  recordedMs: 0,
  laterParts: 0,
  evasive: [],
  disordered: [],
  misdirected: [],
  recoveryMs: [],
  seed: 1,
  seconds: 2,
  rolls: { set: 2, back: 1, untouched: 0, overtaken: 0, lost: 0 },
  replaced: 10,
  answers: [
    { path: '/ws', status: 101, upstream_status: '502, 101', connected: '-, 0.000' },
    { path: '/webhook/telegram', status: 200, upstream_status: '200', connected: '0.000' },
  ],
  beside: 2,
  faults: [],
  settledMs: 100,
  broken: [],
}

test('what is well is no fault, and counted', () => {
  expect(wrongIn(well)).toEqual([])
  expect(tableOf(well)).toMatch(
    /answers of nginx +2: 101 ×1, 200 ×1\nasked of another process +1\nof these, cut off by the first +0\n/,
  )
})

test.each<[string, Partial<Outcome>]>([
  ['lost: 7 #1', { lost: ['7 #1'] }],
  ['out of order: 7 #2', { disordered: ['7 #2'] }],
  ['repeated: 7 #3', { repeated: 1, unexplained: ['7 #3'] }],
  ['wrong on pages: row 2 after row 0', { broken: ['row 2 after row 0'] }],
  ['faults: the drain of api-1 ended with SIGKILL', { faults: ['the drain of api-1 ended with SIGKILL'] }],
  ['not everything was answered in the end', { settledMs: Number.POSITIVE_INFINITY }],
  ...[499, 502, 503, 504].map((status): [string, Partial<Outcome>] => {
    const answer = { path: '/ws', status, upstream_status: '-', connected: '-' }
    return [`499 and 5xx: ${JSON.stringify(answer)}`, { answers: [...well.answers, answer] }]
  }),
])('%s', (what, part) => {
  expect(wrongIn({ ...well, ...part })).toEqual([what])
})
