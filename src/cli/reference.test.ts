import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { referencePages } from './reference/pages.ts'

describe('docs/reference', () => {
  test.each([...referencePages()])('%s is in step with the code', (name, page) => {
    const committed = readFileSync(join(import.meta.dirname, '../../docs/reference', name), 'utf8')
    expect(committed, 'regenerate with: npm run parley reference').toBe(page)
  })

  test('every setting and every metric says what it means', () => {
    for (const page of referencePages().values()) {
      const rows = page.split('\n').filter((line) => line.startsWith('| `'))
      expect(rows.length).toBeGreaterThan(5)
      for (const row of rows) expect(row).not.toMatch(/\|\s+\|$/)
    }
  })
})
