import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createCrashFolder, removeFolder } from '../crash/servers/folder.ts'
import { drill } from './drill.ts'
import { copyRelease, presentRelease } from './release.ts'
import { addExpandingMigration } from './schema.ts'
import { wrongIn } from './table.ts'

test('a version with a migration is deployed under load, taken back, and one that is broken does not stay', {
  timeout: 120_000,
}, async () => {
  const folder = createCrashFolder()
  try {
    const outcome = await drill({
      from: presentRelease(),
      to: copyRelease(join(folder, 'next'), '99.0.0', addExpandingMigration),
      seed: Number(process.env.CRASH_SEED ?? 1),
      folder: join(folder, 'front'),
      rounds: 1,
      minutes: 0,
      besideMs: 500,
      aloneMs: 300,
      patienceMs: 1000,
      people: { onTelegram: 12, onWeb: 6, perSecond: 25 },
      pace: { leaseMs: 2000, sweepMs: 100 },
      say: (line) =>
        process.env.DRILL_TELL && process.stderr.write(`${performance.now().toFixed(0)} ${line}\n`),
    })
    expect(wrongIn(outcome)).toEqual([])
    expect(outcome.rolls).toEqual({ set: 2, back: 1, untouched: 0, overtaken: 0, lost: 0 })
    expect(outcome.beside).toBeGreaterThan(0)
  } finally {
    await removeFolder(folder)
  }
})
