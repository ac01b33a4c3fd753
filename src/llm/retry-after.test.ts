import { expect, test } from 'vitest'
import { retryAfterOf } from './retry-after.ts'

const now = Date.parse('2026-11-20T10:00:00Z')

test.each<[Record<string, string>, number | undefined]>([
  [{ 'retry-after': '7' }, 7000],
  [{ 'retry-after': '0.5' }, 500],
  [{ 'retry-after': '0' }, 0],
  [{ 'retry-after': '-3' }, undefined],
  [{ 'retry-after': 'Fri, 20 Nov 2026 10:00:09 GMT' }, 9000],
  [{ 'retry-after': 'Fri, 20 Nov 2026 09:00:00 GMT' }, 0],
  [{ 'retry-after': 'later' }, undefined],
  [{ 'retry-after-ms': '1250.4', 'retry-after': '99' }, 1251],
  [{ 'retry-after-ms': 'x', 'retry-after': '2' }, 2000],
  [{}, undefined],
])('%j', (headers, ms) => {
  expect(retryAfterOf(headers, now)).toBe(ms)
})
