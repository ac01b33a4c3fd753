import { mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
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

test('the version that should run is asked of this machine where nothing else may be asked', async () => {
  const home = mkdtempSync(join(tmpdir(), 'parley-doctor-'))
  writeFileSync(join(home, 'parley.yaml'), 'server: { port: 0 }\n')
  const url = 'https://chat.acme.com'
  const items = await examine({ config: home, offline: true, url, expect: '9.9.9' })
  rmSync(home, { recursive: true })
  expect(items).toContainEqual({ name: 'address', status: 'skip', found: 'chat.acme.com not asked' })
  expect(items).toContainEqual(
    expect.objectContaining({
      name: 'version',
      status: 'fail',
      found: 'nothing runs here, expected is 9.9.9',
    }),
  )
})
