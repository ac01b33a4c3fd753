import { z } from 'zod'
import { webhookProblems } from '../../app/webhook.ts'
import type { TelegramConfig } from '../../config/config.ts'
import { judgeDate } from './clock.ts'
import { fail, type Item, ok, skip, warn } from './item.ts'

const envelope = z.object({
  ok: z.boolean(),
  result: z.unknown().optional(),
  description: z.string().optional(),
})
const me = z.object({ username: z.string(), can_read_all_group_messages: z.boolean().optional() })
const webhookInfo = z.looseObject({
  url: z.string(),
  has_custom_certificate: z.boolean().default(false),
  pending_update_count: z.number().default(0),
})

/** The token is good and the webhook is as configured (core.telegram.org/bots/api#getwebhookinfo). */
export async function checkTelegram(config: TelegramConfig | undefined, now: number): Promise<Item[]> {
  if (config === undefined) return [skip('telegram', 'not configured; TELEGRAM_BOT_TOKEN connects a bot')]
  const asked = Date.now()
  const self = await ask(config, 'getMe')
  if ('found' in self) return [fail('telegram', self.found, self.next)]
  const clock = judgeDate({ name: 'telegram clock', whose: 'Telegram' }, self.date, asked, Date.now())
  const bot = me.safeParse(self.result)
  if (!bot.success)
    return [fail('telegram', 'an answer that is not of the Bot API', 'check TELEGRAM_API_ROOT')]
  const token = ok('telegram', `the token is that of @${bot.data.username}`)
  return [token, ...(await checkWebhook(config, now)), ...clock]
}

async function checkWebhook(config: TelegramConfig, now: number): Promise<Item[]> {
  const answer = await ask(config, 'getWebhookInfo')
  if ('found' in answer) return [fail('webhook', answer.found, answer.next)]
  const info = webhookInfo.safeParse(answer.result).data
  if (info === undefined) return [fail('webhook', 'an answer that is not understood', 'try again')]
  const problems = webhookProblems(info, config, now)
  if (problems.length > 0)
    return problems.map(({ problem, next, mayPass }) => (mayPass ? warn : fail)('webhook', problem, next))
  if (config.webhookUrl === undefined) return [ok('webhook', 'none registered; polling works')]
  return [ok('webhook', `registered, ${info.pending_update_count} updates waiting`)]
}

type Answer = z.output<typeof envelope> & { date: string | null }

interface Trouble {
  found: string
  next: string
}

/** The answer of the Bot API, or why there is none and what to do about it. */
async function ask(config: TelegramConfig, method: string): Promise<Answer | Trouble> {
  try {
    const response = await fetch(`${config.apiRoot}/bot${config.token}/${method}`, {
      signal: AbortSignal.timeout(5000),
    })
    const { status } = response
    const answer = envelope.safeParse(await response.json().catch(() => undefined))
    if (!answer.success)
      return {
        found: `an answer that is not of the Bot API (HTTP ${status})`,
        next: 'check TELEGRAM_API_ROOT',
      }
    const date = response.headers.get('date')
    return answer.data.ok
      ? { ...answer.data, date }
      : refusal(status, answer.data.description ?? `HTTP ${status}`)
  } catch {
    return {
      found: `${new URL(config.apiRoot).host} cannot be reached`, // The error's own message holds the token.
      next: 'check the network of this machine, and TELEGRAM_API_ROOT where it is set',
    }
  }
}

function refusal(status: number, description: string): Trouble {
  return status === 401 || status === 404
    ? {
        found: `the token is refused: ${description}`,
        next: 'set TELEGRAM_BOT_TOKEN to the token that @BotFather shows',
      }
    : { found: `refused: ${description}`, next: 'try again in a minute' }
}
