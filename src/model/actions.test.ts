import { expect, test } from 'vitest'
import { buttonRows } from './actions.ts'

const button = (label: string) => ({ label, action: label })

test('short labels share a row, long ones have their own', () => {
  const [a, b, c, long] = [button('A'), button('B'), button('C'), button('A rather long label of a button')]
  expect(buttonRows([a, b, c])).toEqual([[a, b], [c]])
  expect(buttonRows([a, long, b])).toEqual([[a], [long], [b]])
  expect(buttonRows([])).toEqual([])
})
