import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { doctorCommand } from './doctor.ts'
import { programName } from './spelling.ts'

/** What doctor says of a bot in a folder of its own where nothing runs. */
async function toldOf(environment: string): Promise<{ home: string; lines: string[] }> {
  const home = mkdtempSync(join(tmpdir(), 'parley-doctor-'))
  writeFileSync(join(home, 'parley.yaml'), `environment: ${environment}\nserver: { port: 0 }\n`)
  writeFileSync(join(home, '.env'), `SECRET_KEY=${randomBytes(48).toString('base64')}\n`)
  const written = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  try {
    await doctorCommand().parseAsync(['--offline', '-c', home], { from: 'user' })
    return { home, lines: written.mock.calls.flatMap(([text]) => String(text).trimEnd().split('\n')) }
  } finally {
    written.mockRestore()
    rmSync(home, { recursive: true })
  }
}

test('in production the last word is that no server runs, and steps are of the bot that was looked at', async () => {
  const { home, lines } = await toldOf('production')
  const start = `${programName} start -c ${home}`
  expect(lines.filter((line) => line.endsWith(`→ once no check fails, start it: ${start}`))).toHaveLength(1)
  expect(lines.at(-1)).toBe(
    `Nothing stands in the way, but no server runs at 127.0.0.1:0, which is free: ${start}`,
  )
  expect((await toldOf('development')).lines.at(-1)).toBe('Nothing stands in the way.')
})
