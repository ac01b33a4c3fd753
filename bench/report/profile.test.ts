import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { profileTable } from './profile.ts'

const urlOf = (path: string): string => pathToFileURL(join(import.meta.dirname, '../..', path)).href
const frame = (functionName: string, url: string) => ({ functionName, url, lineNumber: 1 })

test('a sample counts for the innermost function of our own; idle time counts for nobody', () => {
  const table = profileTable(
    'Time',
    {
      nodes: [
        { id: 1, callFrame: frame('(root)', ''), children: [2, 5, 6] },
        { id: 2, callFrame: frame('accept', urlOf('src/store/inbox.ts')), children: [3] },
        { id: 3, callFrame: frame('write', urlOf('node_modules/undici/index.js')), children: [4] },
        { id: 4, callFrame: frame('writev', '') },
        { id: 5, callFrame: frame('route', urlOf('node_modules/@fastify/cookie/index.js')) },
        { id: 6, callFrame: frame('(idle)', '') },
      ],
      samples: [5, 4, 3, 6, 2, 5],
      timeDeltas: [99, 10, 10, 50, 10, 10],
    },
    0.1,
  )
  expect(table.rows).toEqual([
    { owner: 'package @fastify/cookie', percent: expect.closeTo(78.4, 1) },
    { owner: 'src/store/inbox.ts accept', percent: expect.closeTo(21.6, 1) },
  ])
})
