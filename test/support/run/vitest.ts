import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { runProgram } from './program.ts'
import type { Step, StepResult } from './step.ts'

const report = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
})

/** A step that runs one project of `vitest.config.ts`. A skipped test counts as a failed one. */
export const tests = (project: string): Step => vitest(project, ['--project', project])

/** A step of many minutes that runs some files one after the other, with numbers of its own; shown as it comes. */
export const longTests = (files: string[], numbers: Record<string, string>): Step =>
  vitest('long', ['--no-file-parallelism', ...files], numbers)

const vitest = (name: string, args: string[], numbers?: Record<string, string>): Step => ({
  name,
  async run(env) {
    const folder = mkdtempSync(join(tmpdir(), 'parley-report-'))
    const file = join(folder, 'report.json')
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile=${file}`]
    const command = ['node_modules/vitest/vitest.mjs', 'run', ...args, ...reporters]
    try {
      const { code, output } = await runProgram(
        [process.execPath, ...command],
        { ...env, ...numbers },
        numbers !== undefined,
      )
      return resultOf(code === 0, output, file)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
})

function resultOf(isGreen: boolean, output: string, file: string): StepResult {
  const counts = readReport(file)
  if (counts === undefined) return { passed: 0, failed: 1, output: `${output}\nvitest left no report.\n` }
  const skipped = counts.numPendingTests + counts.numTodoTests
  const failed = counts.numFailedTests + skipped
  const note = skipped > 0 ? `\n${skipped} tests were skipped; a skipped test counts as failed.\n` : ''
  // A file that could not be loaded, or an error outside of any test, fails no single test.
  const unnamed = failed === 0 && (!isGreen || counts.numPassedTests === 0) ? 1 : 0
  return { passed: counts.numPassedTests, failed: failed + unnamed, output: `${output}${note}` }
}

function readReport(file: string): z.infer<typeof report> | undefined {
  try {
    return report.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return undefined
  }
}
