import { type ApiFailure, createBotApi } from '../channels/telegram/api.ts'
import {
  findProblems,
  needsSetting,
  patiently,
  setWebhook,
  type WebhookProblem,
} from '../channels/telegram/registration.ts'
import { isTokenRefused } from '../channels/telegram/send-fault.ts'
import type { TelegramConfig } from '../config/config.ts'
import { ParleyError } from '../model/errors.ts'

/** What Telegram has registered; times in ISO 8601. */
export interface WebhookReport {
  /** Empty: none. */
  url: string
  pendingUpdates: number
  lastError: { at: string; message: string } | undefined
  problems: WebhookProblem[]
}

/** The webhook as an operator works on it. Throws a `ParleyError` when Telegram refuses or does not answer. */
export interface WebhookDesk {
  /** False: it was right already. */
  set(): Promise<boolean>
  /** False: there was none. */
  delete(): Promise<boolean>
  report(): Promise<WebhookReport>
  close(): Promise<void>
}

/** What is wrong with the webhook that Telegram has registered; empty when it is as configured. */
export function webhookProblems(
  info: Parameters<typeof findProblems>[0],
  { webhookUrl: url, webhookSecret: secret }: TelegramConfig,
  now: number,
): WebhookProblem[] {
  return findProblems(info, url !== undefined && secret !== undefined ? { url, secret } : undefined, now)
}

/** `waiting` is told of each wait Telegram asks for, in milliseconds. */
export function createWebhookDesk(config: TelegramConfig, waiting: (ms: number) => void): WebhookDesk {
  const api = createBotApi({ token: config.token, root: config.apiRoot, timeoutMs: 15_000 })
  const { webhookUrl: url, webhookSecret: secret } = config
  const target = url !== undefined && secret !== undefined ? { url, secret } : undefined
  const options = { signal: new AbortController().signal, waiting }

  const must = async <T>(call: () => ReturnType<typeof patiently<T>>): Promise<T> => {
    const answer = await patiently(call, options)
    if (answer.ok) return answer.result
    throw errorOf(answer, config)
  }
  const info = () => must(() => api.call('getWebhookInfo', {}))

  return {
    async set() {
      if (!target) {
        throw new ParleyError('CONFIG_INVALID', 'Set TELEGRAM_WEBHOOK_URL and TELEGRAM_WEBHOOK_SECRET first.')
      }
      if (!needsSetting(await info(), target, Date.now())) return false
      await must(() => setWebhook(api, target, options))
      return true
    },
    async delete() {
      if (!(await info()).url) return false
      await must(() => api.call('deleteWebhook', {}))
      return true
    },
    async report() {
      const found = await info()
      const { last_error_date: at, last_error_message: message } = found
      return {
        url: found.url ?? '',
        pendingUpdates: found.pending_update_count ?? 0,
        lastError:
          at !== undefined && message !== undefined
            ? { at: new Date(at * 1000).toISOString(), message }
            : undefined,
        problems: findProblems(found, target, Date.now()).map(({ problem, next }) => ({ problem, next })),
      }
    },
    close: () => api.close(),
  }
}

function errorOf(answer: ApiFailure, { apiRoot }: TelegramConfig): ParleyError {
  const { host } = new URL(apiRoot)
  const [code, found, next] = isTokenRefused(answer.status)
    ? ([
        'TELEGRAM_TOKEN_REFUSED',
        `Telegram refuses the token: ${answer.description}`,
        'set TELEGRAM_BOT_TOKEN to the token that @BotFather shows',
      ] as const)
    : answer.status === 0
      ? ([
          'TELEGRAM_UNREACHABLE',
          `Telegram cannot be reached at ${host}: ${answer.description}`,
          'check the network of this machine, and TELEGRAM_API_ROOT where it is set',
        ] as const)
      : ([
          'TELEGRAM_FAULT',
          `Telegram does not do it: ${answer.description}`,
          'check TELEGRAM_WEBHOOK_URL, or try again in a minute',
        ] as const)
  return new ParleyError(code, found, { diagnosis: { found: `${found} (${code})`, next } })
}
