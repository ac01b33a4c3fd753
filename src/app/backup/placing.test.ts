import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createPlacing } from './placing.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-placing-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const at = (name: string): string => join(folder, name)
const digest = (text: string): string => createHash('sha256').update(text).digest('hex')

async function placeKey(): Promise<ReturnType<typeof createPlacing>> {
  writeFileSync(at('secret.key'), 'old')
  writeFileSync(at('unpacked'), 'new')
  const placing = createPlacing('now')
  await placing.put(at('unpacked'), at('secret.key'), digest('new'))
  return placing
}

test('what was put and added is taken back, the last first', async () => {
  const placing = await placeKey()
  await placing.add(at('parley.yaml'), Buffer.from('bot: {}\n'))
  expect(readFileSync(at('secret.key'), 'utf8')).toBe('new')
  expect(placing.aside).toEqual([at('secret.key.before-now')])
  expect(await placing.undo()).toEqual([])
  expect(readFileSync(at('secret.key'), 'utf8')).toBe('old')
  expect(() => readFileSync(at('parley.yaml'))).toThrow('ENOENT')
})

test('what cannot be taken back is told, and the rest is', async () => {
  const placing = await placeKey()
  await placing.add(at('parley.yaml'), Buffer.from('bot: {}\n'))
  rmSync(at('secret.key.before-now'))
  expect(await placing.undo()).toEqual([expect.stringContaining(`${at('secret.key')} (ENOENT`)])
  expect(() => readFileSync(at('parley.yaml'))).toThrow('ENOENT')
})

test('what another restore put aside is not overwritten, and the file stays as it is', async () => {
  writeFileSync(at('secret.key.before-now'), 'oldest')
  await expect(placeKey()).rejects.toMatchObject({
    code: 'BACKUP_REFUSED',
    message: expect.stringContaining(
      `cannot be kept as ${at('secret.key.before-now')}: there is one already`,
    ),
  })
  expect(readFileSync(at('secret.key.before-now'), 'utf8')).toBe('oldest')
  expect(readFileSync(at('secret.key'), 'utf8')).toBe('old')
})
