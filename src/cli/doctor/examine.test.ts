import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { examine } from './examine.ts'

test('where no parley.yaml is, one is to be made', async () => {
  const home = mkdtempSync(join(tmpdir(), 'parley-doctor-'))
  expect(await examine({ config: home, offline: true })).toMatchObject([
    {
      name: 'configuration',
      status: 'fail',
      found: `${join(home, 'parley.yaml')}: found no file`,
      next: expect.stringMatching(/^make one, or name another with -c: parley init writes one into/),
    },
  ])
  rmdirSync(home)
})
