import type { Arguments } from '../arguments.ts'
import { Refusal } from '../refusal.ts'
import type { Bot } from '../state.ts'

/** How the raw array of updates reaches the client: their bodies are JSON already. */
export interface RawJson {
  rawJson: string
}

const longestPoll = 50
/** The server delays a repeated conflict, so that two pollers do not storm it. */
const conflictDelay = 3000

/** `getUpdates`: confirms what is below `offset`, then answers at once or when something comes. */
export function getUpdates(
  bot: Bot,
  args: Arguments,
  onClose: (gone: () => void) => void,
): Promise<RawJson> | RawJson {
  if (bot.webhook) {
    bot.conflicts += 1
    throw new Refusal(
      409,
      "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
    )
  }
  abortPoll(bot, 'terminated by other getUpdates request; make sure that only one bot instance is running')
  allowUpdates(bot, args)
  confirm(bot, args.integer('offset', 0))
  const limit = args.integer('limit', 100, 1, 100)
  const timeout = args.integer('timeout', 0, 0, longestPoll)
  if (bot.updates.size > 0 || timeout === 0) return batch(bot, limit)
  return wait(bot, limit, timeout * 1000, onClose)
}

export function abortPoll(bot: Bot, reason: string): void {
  const poll = bot.poll
  if (!poll) return
  bot.poll = undefined
  bot.conflicts += 1
  const now = performance.now()
  poll.fail(`Conflict: ${reason}`, now >= bot.nextConflictAt ? 0 : conflictDelay)
  if (now >= bot.nextConflictAt) bot.nextConflictAt = now + conflictDelay
}

export function allowUpdates(bot: Bot, args: Arguments): void {
  const allowed = args.json('allowed_updates')
  if (!Array.isArray(allowed)) return
  bot.allowedUpdates = allowed.length === 0 ? undefined : allowed.map(String)
}

function confirm(bot: Bot, offset: number): void {
  const ids = [...bot.updates.keys()]
  const confirmed = offset < 0 ? ids.slice(0, offset) : ids.filter((id) => id < offset)
  for (const id of confirmed) bot.updates.delete(id)
  if (confirmed.length > 0) bot.changed()
}

const batch = (bot: Bot, limit: number): RawJson => ({
  rawJson: `[${[...bot.updates.values()]
    .slice(0, limit)
    .map((update) => update.body)
    .join(',')}]`,
})

function wait(bot: Bot, limit: number, ms: number, onClose: (gone: () => void) => void): Promise<RawJson> {
  return new Promise((resolve, reject) => {
    const finish = () => {
      clearTimeout(timer)
      if (bot.poll === poll) bot.poll = undefined
      resolve(batch(bot, limit))
    }
    const timer = setTimeout(finish, ms)
    const poll = {
      respond: finish,
      fail(description: string, delayMs: number) {
        clearTimeout(timer)
        setTimeout(() => reject(new Refusal(409, description)), delayMs)
      },
    }
    bot.poll = poll
    bot.changed()
    onClose(() => {
      clearTimeout(timer)
      if (bot.poll === poll) bot.poll = undefined
    })
  })
}
