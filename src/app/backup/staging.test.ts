import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import promises from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { inStaging } from './staging.ts'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'parley-staging-'))
})
afterEach(() => rmSync(home, { recursive: true }))

/** What somebody left who worked there, and gave a sign so long ago. */
function ownedBy(owner: string, silentMs: number): string {
  const folder = join(home, '.restore')
  mkdirSync(folder)
  writeFileSync(join(folder, 'owner'), owner)
  const at = new Date(Date.now() - silentMs)
  utimesSync(join(folder, 'owner'), at, at)
  return folder
}

test.each([
  ['a process that works here', `${process.ppid} ${hostname()}`, 3_600_000],
  ['a container that gave a sign a moment ago, whose process ids mean nothing', '1 another-container', 6000],
])('%s is left alone', async (_, owner, silentMs) => {
  const folder = ownedBy(owner, silentMs)
  await expect(inStaging(folder, async () => 'done')).rejects.toThrow('Another restore works in')
  expect(existsSync(join(folder, 'owner'))).toBe(true)
})

test.each([
  ['a process that died here', `999999999 ${hostname()}`, 0],
  ['a container that has been silent', '1 another-container', 61_000],
  ['one that was killed before it had said who it is', '', 0],
])('what %s left is removed', async (_, owner, silentMs) => {
  const folder = ownedBy(owner, silentMs)
  expect(await inStaging(folder, async () => 'done')).toBe('done')
  expect(existsSync(folder)).toBe(false)
})

const living = `${process.ppid} ${hostname()}`

/** Somebody else takes the folder right before ours does `step`. */
async function overtakenAt(step: 'writeFile' | 'rename', folder: string): Promise<void> {
  const original = promises[step] as (...args: unknown[]) => Promise<void>
  vi.spyOn(promises, step).mockImplementationOnce(async (...args: unknown[]) => {
    writeFileSync(join(folder, 'owner'), living)
    return original(...args)
  })
  syncBuiltinESMExports()
  try {
    await expect(inStaging(folder, async () => 'done')).rejects.toThrow('Another restore works in')
  } finally {
    vi.restoreAllMocks()
    syncBuiltinESMExports()
  }
  expect(readFileSync(join(folder, 'owner'), 'utf8')).toBe(living)
}

test('who stalls before saying who it is finds that another works there', () =>
  overtakenAt('writeFile', join(home, '.restore')))

test('of two who see that the owner is dead only one gets what it left', () =>
  overtakenAt('rename', ownedBy(`999999999 ${hostname()}`, 0)))

test('who was taken for dead leaves what the other has made there', async () => {
  const folder = join(home, '.restore')
  await inStaging(folder, async () => writeFileSync(join(folder, 'owner'), living))
  expect(readFileSync(join(folder, 'owner'), 'utf8')).toBe(living)
})
