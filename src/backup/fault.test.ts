import { expect, test } from 'vitest'
import { ofFileSystem } from './fault.ts'

test.each([
  ['ENOSPC', /^free some space/],
  ['EACCES', /^make it writable for this user/],
  // What systemd says to a unit of a folder that is not in its ReadWritePaths.
  ['EROFS', /^let this process write there \(ReadWritePaths= of its systemd unit/],
])('%s says what to do', (code, next) => {
  const error = Object.assign(new Error(`${code}: said by the system`), { code })
  expect(ofFileSystem(error, '/mnt/elsewhere')).toMatchObject({
    code: 'BACKUP_FAILED',
    diagnosis: { found: expect.stringContaining('/mnt/elsewhere'), next: expect.stringMatching(next) },
  })
})
