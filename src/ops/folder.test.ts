import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeFolder } from './folder.ts'

test('makes what is missing, once', () => {
  const root = mkdtempSync(join(tmpdir(), 'parley-folder-'))
  const deep = join(root, 'a/b/c')
  makeFolder(deep)
  makeFolder(deep)
  expect(existsSync(deep)).toBe(true)
  rmSync(root, { recursive: true })
})

test('where no folder can be made it fails instead of trying for ever', () => {
  expect(() => makeFolder('/proc/nowhere/deep')).toThrow('ENOENT')
})
