import { expect, test } from 'vitest'
import { formatMarkdown } from './markdown.ts'

const machine = {
  date: '2026-01-02T03:04:05.678Z',
  cpu: 'A CPU',
  cores: 2,
  memoryGb: 24,
  system: 'linux 6 x64',
  node: 'v24.0.0',
  parley: '0.1.0',
  commit: '0123456789abcdef',
}

test('a run becomes a section: the machine, the tables with numbers to the right, the notes', () => {
  const table = {
    title: 'Speeds',
    columns: [
      { key: 'who', head: 'who' },
      { key: 'speed', head: 'm/s', digits: 1 },
    ],
    rows: [{ who: 'hare | tortoise', speed: 1.25 }],
  }
  const reports = { race: { method: [], tables: [table], notes: ['It rained.'] } }
  const text = formatMarkdown(machine, reports, false)
  expect(formatMarkdown(machine, reports, true)).toBe(`A smoke run: its figures mean nothing.\n\n${text}`)
  expect(text).toBe(`2026-01-02 · 2 cores, A CPU, 24 GB · linux 6 x64 · Node v24.0.0 · commit 0123456789ab

### race

**Speeds**

| who | m/s |
| --- | --: |
| hare \\| tortoise | 1.3 |

- It rained.
`)
})
