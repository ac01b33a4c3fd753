import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'

test('what the benchmark leaves behind is ended and removed when its input ends; what is gone is left alone', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-guard-'))
  const kept = mkdtempSync(join(tmpdir(), 'parley-guard-'))
  const left = spawn('/bin/sh', ['-c', 'sleep 60 & wait'], { detached: true, stdio: 'ignore' })
  const guard = spawn(process.execPath, [join(import.meta.dirname, 'guard.ts')], {
    stdio: ['pipe', 'ignore', 'inherit'],
  })
  guard.stdin.write(`process ${left.pid} SIGTERM\nfolder ${folder}\nfolder ${kept}\nno folder ${kept}\n`)
  const ended = Promise.all([once(left, 'exit'), once(guard, 'exit')])
  guard.stdin.end()
  const [[, signal], [code]] = await ended
  expect(signal).toBe('SIGTERM')
  expect(code).toBe(0)
  expect([existsSync(folder), existsSync(kept)]).toEqual([false, true])
  rmSync(kept, { recursive: true })
})
