import { expect, test } from 'vitest'
import { formatName, parseName, superfluous } from './name.ts'

const at = (day: number, installation = '3f9a1c2b', encrypted = false) =>
  formatName({ takenAt: Date.UTC(2026, 10, day, 3, 30), installation, encrypted })
const atHour = (day: number, hour: number) =>
  formatName({ takenAt: Date.UTC(2026, 10, day, hour), installation: '3f9a1c2b', encrypted: false })
const newestOf = (name: string) => parseName(name) ?? expect.unreachable()

test('a name tells when, of what, and whether it is encrypted', () => {
  const name = 'parley-2026-11-26T033000Z.3f9a1c2b.tar.gz.enc'
  expect(at(26, '3f9a1c2b', true)).toBe(name)
  expect(parseName(name)).toEqual({
    name,
    takenAt: Date.UTC(2026, 10, 26, 3, 30),
    installation: '3f9a1c2b',
    encrypted: true,
  })
})

test('the eighth removes the first', () => {
  const names = [1, 2, 3, 4, 5, 6, 7, 8].map((day) => at(day))
  expect(superfluous(names, 7, newestOf(at(8)))).toEqual([at(1)])
  expect(superfluous(names.slice(0, 7), 7, newestOf(at(7)))).toEqual([])
})

test('many of one day remove those of that day, and the last of no other', () => {
  const days = [1, 2, 3, 4, 5, 6].map((day) => at(day))
  const today = [8, 9, 10, 11, 12, 13, 14].map((hour) => atHour(7, hour))
  expect(superfluous([...days, ...today], 7, newestOf(atHour(7, 14)))).toEqual([])
  expect(superfluous([...days, ...today, atHour(7, 15)], 7, newestOf(atHour(7, 15)))).toEqual([atHour(7, 8)])
  const tomorrow = [8, 9, 10, 11, 12, 13].map((hour) => atHour(8, hour))
  const gone = superfluous([...days, ...today, ...tomorrow], 7, newestOf(atHour(8, 13)))
  expect(gone.toReversed()).toEqual([at(1), ...today.slice(0, -1)])
})

test('a day begins at midnight of UTC, and its last one is kept', () => {
  const names = [atHour(1, 22), atHour(1, 23), atHour(2, 0), atHour(2, 1)]
  expect(superfluous(names, 2, newestOf(atHour(2, 1)))).toEqual([atHour(1, 22)])
})

test('one less than twice as many as are wanted are left, whenever they were taken', () => {
  let names: string[] = []
  for (let hour = 0; hour < 24 * 30; hour += 2) {
    const name = atHour(1, hour)
    const gone = superfluous([...names, name], 7, newestOf(name))
    names = [...names, name].filter((each) => !gone.includes(each))
    expect(names.length).toBeLessThanOrEqual(13)
  }
  expect(names).toHaveLength(13)
})

test('what is not ours stays: other files, half-written ones, those of another bot', () => {
  const others = [
    'notes.txt',
    '.parley-2026-11-01T033000Z.3f9a1c2b.tar.gz.partial',
    'parley-2026-11-01.tar.gz',
    'parley-2026-11-01T033000Z.3f9a1c2b.tar.gz.old',
    'parley-2026-13-41T993000Z.3f9a1c2b.tar.gz',
    at(1, 'ffffffff'),
  ]
  expect(superfluous([...others, at(2), at(3)], 1, newestOf(at(3)))).toEqual([at(2)])
})

test('the one just proven stays, and those that a clock ahead of it named take the place of none', () => {
  const ahead = [21, 22, 23, 24, 25, 26, 27].map((day) => at(day))
  expect(superfluous([...ahead, at(3)], 1, newestOf(at(3)))).toEqual([])
  expect(superfluous([...ahead, at(1), at(2), at(3)], 2, newestOf(at(3)))).toEqual([at(1)])
  expect(superfluous([...ahead, at(1), at(2), at(3)], 7, newestOf(at(3)))).toEqual([])
})
