import type { WebhookInfo } from '@grammyjs/types'
import type { Arguments } from '../arguments.ts'
import { badRequest, tooMany } from '../refusal.ts'
import type { Bot } from '../state.ts'
import { abortPoll, allowUpdates } from './updates.ts'

const ports = new Set(['', '443', '80', '88', '8443'])

/** `secure: false` lets a test register plain HTTP and any port. */
export function setWebhook(bot: Bot, args: Arguments, options: { secure: boolean }): true {
  const url = args.text('url')
  if (url === '') return deleteWebhook(bot, args)
  const now = performance.now()
  if (now < bot.nextWebhookSetAt) throw tooMany(1)
  bot.nextWebhookSetAt = now + 1000
  checkUrl(url, options.secure)
  const secret = args.text('secret_token')
  if (secret.length > 256) throw badRequest('secret token is too long')
  if (!/^[\w-]*$/.test(secret)) throw badRequest('secret token contains unallowed characters')
  abortPoll(bot, 'terminated by setWebhook request')
  allowUpdates(bot, args)
  if (args.boolean('drop_pending_updates')) bot.updates.clear()
  bot.webhook = {
    url,
    secret,
    maxConnections: args.integer('max_connections', 40, 1, 100),
    lastErrorDate: undefined,
    lastErrorMessage: undefined,
  }
  bot.webhookChanged()
  bot.changed()
  return true
}

function checkUrl(url: string, secure: boolean): void {
  if (!URL.canParse(url)) throw badRequest('bad webhook: URL is invalid')
  const { protocol, port } = new URL(url)
  if (!secure) return
  if (protocol !== 'https:') throw badRequest('bad webhook: An HTTPS URL must be provided for webhook')
  if (!ports.has(port)) {
    throw badRequest('bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443')
  }
}

export function deleteWebhook(bot: Bot, args: Arguments): true {
  if (args.boolean('drop_pending_updates')) bot.updates.clear()
  bot.webhook = undefined
  bot.webhookChanged()
  bot.changed()
  return true
}

export function getWebhookInfo(bot: Bot): WebhookInfo {
  const { webhook } = bot
  const info: WebhookInfo = {
    url: webhook?.url ?? '',
    has_custom_certificate: false,
    pending_update_count: bot.updates.size,
  }
  if (webhook) info.max_connections = webhook.maxConnections
  if (webhook?.lastErrorDate !== undefined) info.last_error_date = webhook.lastErrorDate
  if (webhook?.lastErrorMessage !== undefined) info.last_error_message = webhook.lastErrorMessage
  // The types name the kinds; the server gives back what it was given.
  if (bot.allowedUpdates)
    info.allowed_updates = bot.allowedUpdates as NonNullable<WebhookInfo['allowed_updates']>
  return info
}
