import { expect, test } from 'vitest'
import type { TakenTurn } from '../store/store.ts'
import { createSuspects } from './suspects.ts'

const turn = (id: string, attempt: number): TakenTurn => ({ conversation: { id }, attempt }) as TakenTurn

test('of those tried several times the least tried has the way, the others are next when it ends', () => {
  const suspects = createSuspects(8, { now: () => 0 })
  const [fresh, given, often, rarely] = [turn('new', 3), turn('up', 9), turn('often', 6), turn('rarely', 4)]
  expect(suspects.waiting([fresh, given, often, rarely])).toEqual([often])
  suspects.wait([often])
  expect([fresh, given, rarely].map(suspects.begin)).toEqual([false, false, true])
  expect(suspects.waiting([often])).toEqual([often])
  suspects.end('new')
  expect(suspects.next()).toEqual([])
  suspects.end('rarely')
  expect([suspects.next(), suspects.next()]).toEqual([['often'], []])
  expect(suspects.waiting([often])).toEqual([])
})

test('one that takes long makes the others wait no longer than two seconds, twice as long with each try', () => {
  let now = 0
  const suspects = createSuspects(8, { now: () => now })
  suspects.begin(turn('slow', 4))
  now = 1999
  expect(suspects.waiting([turn('next', 4)])).toHaveLength(1)
  now = 2000
  expect(suspects.waiting([turn('next', 4)])).toEqual([])
  suspects.begin(turn('next', 7))
  suspects.end('slow')
  now = 17_999
  expect(suspects.waiting([turn('third', 4)])).toHaveLength(1)
  now = 18_000
  expect(suspects.waiting([turn('third', 4)])).toEqual([])
})
