import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const run = promisify(execFile)

test.each([
  [[], 'Usage: npm test | '],
  [['--crash'], 'Usage: npm run test:crash -- '],
  [['--drill'], 'Usage: npm run drill -- '],
])('%j --help tells how it is called and runs nothing', async (mode, usage) => {
  const { stdout, stderr } = await run(process.execPath, ['test/support/run/main.ts', ...mode, '--help'])
  expect(stdout.startsWith(usage)).toBe(true)
  expect(stdout).not.toMatch(/…|passed|FAILED/)
  expect(stderr).toBe('')
})
