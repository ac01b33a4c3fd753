import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { backupCommand } from './backup.ts'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'parley-backup-list-'))
  writeFileSync(join(home, 'parley.yaml'), '')
})
afterEach(() => rmSync(home, { recursive: true }))

const list = (): Promise<string> => run('list')

async function run(...args: string[]): Promise<string> {
  const written = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  try {
    await backupCommand().parseAsync([...args, '-c', home], { from: 'user' })
    return written.mock.calls.map(([text]) => String(text)).join('')
  } finally {
    written.mockRestore()
  }
}

test('a folder that is missing is told from one without backups', async () => {
  const folder = join(home, 'data', 'backups')
  expect(await list()).toMatch(new RegExp(`^There is no folder ${folder}, .*\n.*BACKUP_DIR.*\nTake one: `))
  mkdirSync(folder, { recursive: true })
  expect(await list()).toMatch(new RegExp(`^There is no backup in ${folder} yet\\.\nTake one: `))
})

test('where a passphrase is set, those without are marked with what a restore needs', async () => {
  const folder = join(home, 'data', 'backups')
  mkdirSync(folder, { recursive: true })
  for (const name of ['2026-11-26T203000Z.3f9a1c2b.tar.gz.enc', '2026-11-25T203000Z.3f9a1c2b.tar.gz'])
    writeFileSync(join(folder, `parley-${name}`), '')
  expect(await list()).not.toContain('not encrypted')
  writeFileSync(join(home, '.env'), 'BACKUP_PASSPHRASE=a-passphrase-of-tests-7Kq\n')
  const marked = (await list()).split('\n').filter((line) => line.includes('--unencrypted'))
  expect(marked).toEqual([expect.stringMatching(/2026-11-25T203000Z.* old, not encrypted: /)])
})

test('a database that is lost without a word does not keep the list from whoever needs it now', async () => {
  const silent = createServer(() => undefined).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const { port } = silent.address() as AddressInfo
  writeFileSync(join(home, '.env'), `DATABASE_URL=postgres://bot@127.0.0.1:${port}/bot\n`)
  const folder = join(home, 'data', 'backups')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'parley-2026-11-25T203000Z.3f9a1c2b.tar.gz'), '')
  try {
    expect(await list()).toMatch(/3f9a1c2b\.tar\.gz +0 .* old\n/)
  } finally {
    silent.close()
  }
}, 10_000)

test('before a restore has brought parley.yaml the backups are listed, and one may go', async () => {
  rmSync(join(home, 'parley.yaml'))
  const folder = join(home, 'elsewhere')
  mkdirSync(folder)
  writeFileSync(join(home, '.env'), 'BACKUP_DIR=elsewhere\n')
  const [old, newest] = ['2026-11-25', '2026-11-26'].map((day) => `parley-${day}T203000Z.3f9a1c2b.tar.gz`)
  for (const name of [old, newest]) writeFileSync(join(folder, name ?? ''), '')
  const said = await list()
  expect(said).toMatch(
    new RegExp(`^In ${folder}, [^]*${newest} [^]*${old} [^]*bring one back: .* restore -c `),
  )
  expect(await run('remove', String(old))).toBe(`Removed ${old}\n`)
  expect(await list()).not.toContain(String(old))
})
