import type { Image } from './image.ts'
import { loud } from './loud.ts'
import { type Expected, missingAt, whatRan } from './running.ts'
import { verify } from './verify.ts'

/** Where Parley runs: a namespace of a cluster, or a host. */
export interface Target {
  /** The way back to what is set now: it sets that and waits; `undefined` where nothing is. */
  remember(): Promise<(() => Promise<void>) | undefined>
  /**
   * What it needs beforehand, while the one before runs on, however long that takes; where it throws, also as it is `stopped`,
   * nothing has changed.
   */
  prepare?(image: Image, say: (line: string) => void, stopped?: AbortSignal): Promise<void>
  /**
   * Sets the version and waits until every process is of it and ready; throws when that does not come, and, with nothing of it
   * under way here any more, when it is `stopped`.
   */
  set(image: Image, stopped?: AbortSignal): Promise<void>
  /** References of the images that are set now; what `set` has set does not need to be among them. */
  current(): Promise<string[]>
  /**
   * Writes down what was set, where it is set by hand from; resolves with what there is to tell about that, which is nothing
   * where it was written already. Never throws.
   */
  keep?(image: Image): Promise<string | undefined>
}

export interface Plan {
  image: Image
  /** Where people reach it. */
  url: string
  /** For a version to be seen there, in milliseconds. */
  verifyMs: number
  say(line: string): void
  /** Somebody wants an end, and why: what was set by then is taken back. The way back itself is gone to its end. */
  stopped?: AbortSignal
}

/**
 * `set`: the new version runs. `untouched`: nothing was changed. `back`: it does not, and what ran before does again.
 * `overtaken`: it does not, and somebody else has set something else meanwhile, which stays. `lost`: somebody has to look.
 */
export type Outcome = 'set' | 'untouched' | 'back' | 'overtaken' | 'lost'

/** An address where something must run may not answer for a moment. */
const asked = 3

/** Sets a version, verifies it from outside, and goes back by itself when it is not what was meant. */
export async function roll(target: Target, { image, url, verifyMs, say, stopped }: Plan): Promise<Outcome> {
  const attempt = async <T>(what: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await what()
    } catch (error) {
      say(`FAILED: ${error instanceof Error ? error.message : String(error)}`)
      return undefined
    }
  }
  const seen = async (expected: Expected, until?: AbortSignal): Promise<true> => {
    const { version, commit } = await verify(url, expected, verifyMs, until)
    say(`verified: ${version} ${commit.slice(0, 12)} answers at ${url}`)
    for (const each of await missingAt(url)) say(loud(`WARNING: ${each}`))
    until?.throwIfAborted()
    return true
  }
  const found = await attempt(async () => {
    const were = await target.current()
    const back = await target.remember()
    const before = await whatRan(url, back ? asked : 1)
    say(`before: ${before ? `${before.version} ${before.commit.slice(0, 12)}` : 'nothing that answers'}`)
    await target.prepare?.(image, say, stopped)
    return { back, were, before }
  })
  if (!found || stopped?.aborted) return 'untouched'
  const { back, were, before } = found
  const isOvertaken = async (): Promise<boolean> => {
    const now = (await attempt(() => target.current())) ?? []
    const foreign = now.filter((each) => each !== image.reference && !were.includes(each))
    if (foreign.length > 0) say(`somebody else has set ${[...new Set(foreign)].join(', ')} meanwhile`)
    return foreign.length > 0
  }
  if (target.prepare && (await isOvertaken())) return 'overtaken'
  say(`set: ${image.reference}`)
  if (await attempt(() => target.set(image, stopped).then(() => seen(image, stopped)))) {
    const told = await target.keep?.(image)
    if (told !== undefined) say(told)
    return 'set'
  }
  if (stopped?.aborted) say(`set, or a part of it: ${image.reference}`)
  if (await isOvertaken()) return 'overtaken'
  if (!back) return 'lost'
  say(`back: ${before ? `to ${before.version}` : 'to what was set before'}`)
  const isSet = await attempt(() => back().then(() => true))
  // Where not all could be set back, only what was seen before tells it from the new version.
  const answers = (isSet || before) && (await attempt(() => seen(before ?? {})))
  if (isSet && answers) return 'back'
  if (await isOvertaken()) return 'overtaken'
  if (answers) say('what ran before answers, but not all of it could be set back: see FAILED')
  return 'lost'
}
