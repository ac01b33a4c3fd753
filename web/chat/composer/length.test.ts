import { expect, test } from 'vitest'
import { maxTextLength } from '../../../src/http/contract/socket.ts'
import { announced, longestText, measure } from './length.ts'

test('the limit is the one of the contract', () => {
  expect(longestText).toBe(maxTextLength)
})

test('blank is not sendable, the limit is, one more is not', () => {
  expect(measure(' \n ').sendable).toBe(false)
  expect(measure(`  ${'x'.repeat(longestText)}\n`)).toMatchObject({ sendable: true, left: 0 })
  expect(measure('x'.repeat(longestText + 1))).toMatchObject({ sendable: false, left: -1 })
  expect(measure('😀'.repeat(longestText / 2)).left).toBe(0)
})

test('the counter shows near the end and is announced in steps', () => {
  expect(measure('x'.repeat(longestText - 201)).nearing).toBe(false)
  expect(measure('x'.repeat(longestText - 200)).nearing).toBe(true)
  expect([201, 200, 199, 151, 150, 11, 10, 3, -1, -40].map(announced)).toEqual([
    undefined,
    200,
    200,
    200,
    150,
    50,
    10,
    3,
    -1,
    -1,
  ])
})
