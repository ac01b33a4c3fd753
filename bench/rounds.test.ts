import { expect, test } from 'vitest'
import { alternate, disturbanceNotes, peersNotes } from './rounds.ts'

const subjects = [{ name: 'one' }, { name: 'two' }]
const say = (): void => undefined

test('subjects take turns, three rounds, and the median is of the rounds', async () => {
  const order: string[] = []
  const rounds = await alternate(subjects, { rounds: 3, say }, async ({ name }) => {
    order.push(name)
    return { othersShare: 0, figure: order.length }
  })
  expect(order).toEqual(['one', 'two', 'one', 'two', 'one', 'two'])
  expect(rounds.map((result) => result.median(({ figure }) => figure))).toEqual([3, 4])
  expect(disturbanceNotes(rounds)).toEqual([])
})

test('who was disturbed is measured again, and only the calm rounds count', async () => {
  const shares = [0.5, 0, 0, 0]
  const rounds = await alternate([{ name: 'one' }], { rounds: 3, say }, async () => ({
    othersShare: shares.shift() ?? 1,
  }))
  expect(rounds[0]?.all.map(({ othersShare }) => othersShare)).toEqual([0.5, 0, 0, 0])
  expect(rounds[0]?.counted).toHaveLength(3)
  expect(disturbanceNotes(rounds)).toEqual([])
})

test('a machine that is never calm is not waited for, and the reader is told', async () => {
  let measured = 0
  const rounds = await alternate([{ name: 'one' }], { rounds: 3, say }, async () => {
    measured += 1
    return { othersShare: 0.4 }
  })
  expect(measured).toBe(4)
  expect(disturbanceNotes(rounds)).toEqual([
    'Other programs had a part of a core while these were measured: one up to 40 %.',
  ])
})

test('a load generator near its limit is pointed out', async () => {
  const rounds = await alternate([{ name: 'one' }], { rounds: 1, say }, async () => ({
    othersShare: 0,
    peersShare: 0.9,
  }))
  expect(peersNotes(rounds)).toEqual([
    'The load generator used more than 80 % of its core; these may be capable of more: one.',
  ])
})
