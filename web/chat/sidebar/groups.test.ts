import { expect, test } from 'vitest'
import { groupByAge, withCurrent } from './groups.ts'

const now = new Date(2026, 2, 10, 9, 30).getTime()
const at = (day: number, hour: number) => new Date(2026, 2, day, hour).getTime()
const session = (name: string, updatedAt: number) => ({ session: name, title: name, updatedAt })

test('sessions are grouped by calendar day, the latest first', () => {
  const groups = groupByAge(
    [session('c', at(9, 23)), session('a', at(10, 0)), session('d', at(8, 23)), session('b', at(10, 9))],
    now,
  )
  expect(groups.map((group) => [group.age, group.sessions.map((one) => one.session)])).toEqual([
    ['today', ['b', 'a']],
    ['yesterday', ['c']],
    ['earlier', ['d']],
  ])
})

test('a new chat is listed before the server knows it, and once', () => {
  const listed = [session('a', 1)]
  expect(withCurrent(listed, session('b', 2)).map((one) => one.session)).toEqual(['b', 'a'])
  expect(withCurrent(listed, session('a', 2))).toBe(listed)
  expect(withCurrent(listed, undefined)).toBe(listed)
})
