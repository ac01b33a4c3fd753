import type { Image } from './image.ts'
import { type Running, whatRuns } from './running.ts'
import { verify } from './verify.ts'

/** Where Parley runs: a namespace of a cluster, or a host. */
export interface Target {
  /** The way back to what is set now: it sets that and waits; `undefined` where nothing is. */
  remember(): Promise<(() => Promise<void>) | undefined>
  /** Sets the version and waits until every process is of it and ready; throws when that does not come. */
  set(image: Image): Promise<void>
}

export interface Plan {
  image: Image
  /** Where people reach it. */
  url: string
  /** For a version to be seen there, in milliseconds. */
  verifyMs: number
  say(line: string): void
}

/**
 * `set`: the new version runs. `untouched`: nothing was changed. `back`: it does not, and what ran before does again.
 * `lost`: neither; somebody has to look.
 */
export type Outcome = 'set' | 'untouched' | 'back' | 'lost'

/** Sets a version, verifies it from outside, and goes back by itself when it is not what was meant. */
export async function roll(target: Target, { image, url, verifyMs, say }: Plan): Promise<Outcome> {
  const attempt = async <T>(what: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await what()
    } catch (error) {
      say(`FAILED: ${error instanceof Error ? error.message : String(error)}`)
      return undefined
    }
  }
  const seen = async (expected: Running): Promise<true> => {
    const { version, commit } = await verify(url, expected, verifyMs)
    say(`verified: ${version} ${commit.slice(0, 12)} answers at ${url}`)
    return true
  }
  const found = await attempt(async () => ({ back: await target.remember(), before: await whatRuns(url) }))
  if (!found) return 'untouched'
  const { back, before } = found
  say(`before: ${before ? `${before.version} ${before.commit.slice(0, 12)}` : 'nothing that answers'}`)
  say(`set: ${image.reference}`)
  if (await attempt(() => target.set(image).then(() => seen(image)))) return 'set'
  if (!back) return 'lost'
  say(`back: ${before ? `to ${before.version}` : 'to what was set before'}`)
  const isBack = await attempt(() => back().then(() => (before ? seen(before) : true)))
  return isBack ? 'back' : 'lost'
}
