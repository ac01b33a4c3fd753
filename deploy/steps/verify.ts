import { setTimeout as sleep } from 'node:timers/promises'
import { converse } from './conversation.ts'
import { type Expected, type Running, waitForVersion } from './running.ts'

const answerMs = 30_000
const shownCommit = 8

/**
 * Whether what runs at an address is what was meant, and whether it answers people: its version, its readiness, and a
 * conversation. Whoever answers must be of that version too. Throws what is wrong after `withinMs`.
 */
export async function verify(url: string, expected: Expected, withinMs: number): Promise<Running> {
  const until = Date.now() + withinMs
  const running = await waitForVersion(url, expected, withinMs)
  for (;;) {
    const answer = await converse(url, answerMs)
    if (answer.includes(running.version) && answer.includes(running.commit.slice(0, shownCommit)))
      return running
    if (Date.now() > until)
      throw new Error(`${url} runs ${running.version}, but who answered says: ${answer}`)
    await sleep(1000)
  }
}
