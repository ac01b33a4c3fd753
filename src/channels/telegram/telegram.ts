import type { Reply } from '../../model/message.ts'
import { type Clock, steadyClock } from '../../model/time.ts'
import type { Events } from '../../ops/events.ts'
import type { Log } from '../../ops/log.ts'
import type { Channel } from '../channel.ts'
import { createAcknowledger } from './acknowledge.ts'
import { createBotApi } from './api.ts'
import { createHealth } from './health.ts'
import { createIdentity } from './identity.ts'
import { createInbound, type Receives } from './inbound.ts'
import type { Lease } from './lease.ts'
import { longestText } from './markdown/render.ts'
import type { Menu } from './menu.ts'
import { createMovedChats } from './moved.ts'
import { createOutbound } from './outbound.ts'
import { createPacing, type Pace, type Rate } from './pacing.ts'
import { createReceive, type Malformed, type Received } from './receive.ts'
import type { WebhookTarget } from './registration.ts'
import { createSecretCheck } from './secret.ts'
import { splitMarkdown } from './split/split.ts'

export interface TelegramConfig {
  token: string
  apiRoot: string
  /** Set: webhook. Not set: polling. */
  webhookUrl: string | undefined
  webhookSecret: string | undefined
  triggers: readonly string[]
  quietWindowMs: number
  rate: Rate
  /** How long Telegram holds a poll without updates, in seconds. */
  pollSeconds?: number
  /** Longest wait for an answer of Telegram, in milliseconds. */
  timeoutMs?: number
}

export interface TelegramNeeds {
  config: TelegramConfig
  receives: Receives
  /** The command menu of this moment, one for each language and one for everybody else. */
  menus(): readonly Menu[]
  /** Makes sure that one process polls; a lone process always may. */
  lease: Lease
  /** What the processes of this bot may send together, under this name. */
  paceOf(name: string): Pace
  events: Pick<Events, 'channelChanged' | 'channelConflict' | 'updatesIgnored' | 'faulted'>
  log: Log
  clock: Clock
  /** For how long something lasts, whatever is done to the clock. */
  steady?: Clock
}

/** The door for webhook calls, for the HTTP layer. */
export interface TelegramWebhook {
  /** Whether the secret header is right; takes the same time for any. */
  secretMatches(header: string | undefined): boolean
  /**
   * The body as updates of ours. Throws while the bot's name is not known and the update needs it: nothing may be
   * confirmed then.
   */
  receive(body: Buffer): Received | Malformed
}

export interface TelegramChannel extends Channel {
  /** `undefined` when the bot polls. */
  readonly webhook: TelegramWebhook | undefined
  /** To be called when the menus changed: Telegram is told, in the background. */
  syncMenus(): void
}

const capabilities = { delivery: 'push', idempotentSend: false, preview: true, typing: true } as const

/** Telegram, by polling or webhook. Throws when a webhook is configured without a secret. */
export function createTelegram(needs: TelegramNeeds): TelegramChannel {
  const { config, log, events, menus, steady = steadyClock } = needs
  const webhook = targetOf(config)
  const account = config.token.split(':')[0] ?? ''
  const api = createBotApi({
    token: config.token,
    root: config.apiRoot,
    timeoutMs: config.timeoutMs ?? 30_000,
  })
  const health = createHealth(events)
  const identity = createIdentity(account, config.triggers, menus)
  const moved = createMovedChats(log)
  const refused = (description: string): void => health.failed({ status: 401, description })
  const pacing = createPacing(config.rate, account, needs.paceOf)
  const outbound = createOutbound({ api, pacing, steady, moved, refused })
  const { blockedFor } = outbound
  const { acknowledge, accepted, ignored, finish } = createAcknowledger({ api, log, blockedFor })
  const { addressing } = identity
  const { receive, receiveBody } = createReceive({ addressing, log, moved, acknowledge })
  const pollSeconds = config.pollSeconds ?? 50
  const about = { api, account, identity, webhook, pollSeconds, receive, health, steady }
  const inbound = createInbound({ ...needs, ...about })

  return {
    name: 'telegram',
    account,
    capabilities: { ...capabilities, quietWindowMs: config.quietWindowMs },
    webhook: webhook && { secretMatches: createSecretCheck(webhook.secret), receive: receiveBody },
    split: splitReply,
    send: outbound.send,
    preview: outbound.preview,
    typing: outbound.typing,
    accepted,
    ignored,
    syncMenus: inbound.syncMenus,
    async start(accept) {
      inbound.start(accept)
    },
    /** Sending goes on being possible: replies in progress are still delivered. */
    async stop() {
      outbound.stop()
      await inbound.stop()
      await finish()
    },
    status: health.get,
  }
}

function targetOf({ webhookUrl: url, webhookSecret: secret }: TelegramConfig): WebhookTarget | undefined {
  if (url === undefined) return undefined
  if (!secret) throw new Error('A Telegram webhook needs TELEGRAM_WEBHOOK_SECRET.')
  return { url, secret }
}

/** Parts of at most 4096 characters; the buttons are under the last. */
function splitReply({ text, buttons }: Reply): Reply[] {
  const parts: Reply[] = splitMarkdown(text, longestText).map((part) => ({ text: part }))
  const last = parts.at(-1)
  if (!buttons || buttons.length === 0) return parts
  if (!last) return [{ text: '⬇️', buttons }]
  return [...parts.slice(0, -1), { ...last, buttons }]
}
