import { expect, test } from 'vitest'
import { createMoments } from './moment.ts'

test('the ends are kept until they come, or the clock is put back', () => {
  const moments = createMoments('UTC')
  const ends = (now: string): string[] => {
    const { hourEnd, dayEnd } = moments(Date.parse(now))
    return [hourEnd, dayEnd].map((end) => new Date(end).toISOString().slice(8, 16))
  }
  expect(ends('2026-11-26T22:10:00Z')).toEqual(['26T23:00', '27T00:00'])
  expect(ends('2026-11-26T22:59:59.999Z')).toEqual(['26T23:00', '27T00:00'])
  expect(ends('2026-11-26T23:00:00Z')).toEqual(['27T00:00', '27T00:00'])
  expect(ends('2026-11-27T00:00:00Z')).toEqual(['27T01:00', '28T00:00'])
  expect(ends('2026-11-26T21:00:00Z')).toEqual(['26T22:00', '27T00:00'])
})
