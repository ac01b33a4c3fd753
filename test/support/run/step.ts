import { runProgram } from './program.ts'
import type { Outcome } from './program.ts'

/** What became of a step: a check counts as one test, a vitest project as its tests. */
export interface StepResult {
  passed: number
  failed: number
  output: string
}

export interface Step {
  name: string
  run(env: NodeJS.ProcessEnv): Promise<StepResult>
}

/** A step that is green when every command ends with 0. */
export const check = (name: string, ...commands: string[][]): Step => ({
  name,
  async run(env) {
    const outcomes: Outcome[] = []
    for (const [script = '', ...args] of commands) {
      outcomes.push(await runProgram([process.execPath, script, ...args], env))
    }
    const failed = outcomes.some(({ code }) => code !== 0) ? 1 : 0
    return { passed: 1 - failed, failed, output: outcomes.map(({ output }) => output).join('') }
  },
})

/** A step of many minutes, whose output is shown as it comes. */
export const live = (name: string, [script = '', ...args]: string[]): Step => ({
  name,
  async run(env) {
    const { code } = await runProgram([process.execPath, script, ...args], env, true)
    return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, output: '' }
  },
})
