import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { thisUser } from '../model/user.ts'
import { readFileAt } from './folder.ts'

test('a backup that this user cannot read: said who cannot, and what to do', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-folder-'))
  // Nobody can read it, root neither.
  symlinkSync('loop', join(folder, 'loop'))
  const fault = {
    code: 'BACKUP_FAILED',
    diagnosis: {
      found: expect.stringContaining(`The user ${thisUser()} cannot read ${folder}/loop`),
      next: expect.stringContaining('chown'),
    },
  }
  await expect(readFileAt(join(folder, 'loop'))).rejects.toMatchObject(fault)
  rmSync(folder, { recursive: true })
})
