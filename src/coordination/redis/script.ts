import { createHash } from 'node:crypto'
import type { Command, Operation, Send } from './outgoing.ts'

/** A program that runs inside Redis, and the name it has there. */
export interface Script {
  text: string
  sha: string
}

export const scriptOf = (text: string): Script => ({
  text,
  sha: createHash('sha1').update(text).digest('hex'),
})

export interface ScriptInput {
  keys: readonly string[]
  args: readonly (string | number)[]
}

/** Runs a script; `compose` is asked when it leaves, as with `Send`. */
export type Run = (operation: Operation, script: Script, compose: () => ScriptInput) => Promise<unknown>

/**
 * Names the script; after a start, a flush or a failover Redis does not know it, has run nothing, and is sent its text
 * (https://redis.io/docs/latest/commands/evalsha/).
 */
export function createRun(send: Send): Run {
  return async (operation, script, compose) => {
    let input: ScriptInput = { keys: [], args: [] }
    const command = (name: 'eval' | 'evalsha', program: string): Command => [
      name,
      program,
      input.keys.length,
      ...input.keys,
      ...input.args,
    ]
    try {
      return await send(operation, () => {
        input = compose()
        return command('evalsha', script.sha)
      })
    } catch (error) {
      if (!isUnknown(error)) throw error
      return send(operation, () => command('eval', script.text))
    }
  }
}

const isUnknown = (error: unknown): boolean => error instanceof Error && error.message.startsWith('NOSCRIPT')
