import { expect, test } from 'vitest'
import { formatTable } from './table.ts'

test('words stand to the left, numbers to the right, and what is missing is a dash', () => {
  const text = formatTable({
    title: 'Speeds',
    columns: [
      { key: 'who', head: 'who' },
      { key: 'speed', head: 'm/s', digits: 1 },
    ],
    rows: [{ who: 'hare', speed: 1234.56 }, { who: 'tortoise' }],
  })
  expect(text).toBe(['Speeds', 'who           m/s', 'hare      1,234.6', 'tortoise        –'].join('\n'))
})
