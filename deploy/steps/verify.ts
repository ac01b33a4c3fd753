import { setTimeout as sleep } from 'node:timers/promises'
import { converse } from './conversation.ts'
import { type Expected, type Running, waitForVersion } from './running.ts'

const answerMs = 30_000
const pauseMs = 2000
const shownCommit = 8

/**
 * Whether what runs at an address is what was meant, and whether it answers people: its version, its readiness, and a
 * conversation. Whoever answers must be of that version too. Throws what is wrong after `withinMs`, or why it was `stopped`.
 */
export async function verify(
  url: string,
  expected: Expected,
  withinMs: number,
  stopped?: AbortSignal,
): Promise<Running> {
  const begun = Date.now()
  const running = await waitForVersion(url, expected, withinMs, stopped)
  // Time for a second conversation, however long the version took.
  const until = Math.max(begun + withinMs, Date.now() + Math.min(withinMs, answerMs))
  for (;;) {
    stopped?.throwIfAborted()
    const wrong = await wrongAt(url, running)
    if (wrong === undefined) return running
    if (Date.now() > until) throw new Error(wrong)
    await sleep(pauseMs)
  }
}

/** One that was cut off says no more than a wrong answer: a process that ends sends its pages away, a full one refuses. */
async function wrongAt(url: string, { version, commit }: Running): Promise<string | undefined> {
  try {
    const answer = await converse(url, answerMs)
    const isRight = answer.includes(version) && answer.includes(commit.slice(0, shownCommit))
    return isRight ? undefined : `${url} runs ${version}, but who answered says: ${answer}`
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
