import type { Reply } from '../../model/message.ts'
import type { Clock } from '../../model/time.ts'
import type { Events } from '../../ops/events.ts'
import type { Log } from '../../ops/log.ts'
import type { Accept, Channel } from '../channel.ts'
import { createAcknowledge } from './acknowledge.ts'
import { type Addressing, triggerPattern } from './addressed.ts'
import { createBotApi } from './api.ts'
import { createHealth } from './health.ts'
import { fetchUsername } from './identity.ts'
import { type Lease, whileHolding } from './lease.ts'
import { longestText } from './markdown/render.ts'
import { type Menu, syncMenus } from './menu.ts'
import type { Rate } from './pacing.ts'
import { poll } from './poller.ts'
import { createPreviews } from './preview.ts'
import { createReceive, type Malformed, type Received } from './receive.ts'
import { keepRegistered } from './registered.ts'
import { createSecretCheck } from './secret.ts'
import { createSender } from './sender.ts'
import { splitMarkdown } from './split/split.ts'
import { createTyping } from './typing.ts'

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
  /** The command menu, one for each language and one for everybody else. */
  menus: readonly Menu[]
  /** Makes sure that one process polls; a lone process always may. */
  lease: Lease
  events: Pick<Events, 'channelChanged' | 'channelConflict' | 'updatesIgnored' | 'faulted'>
  log: Log
  clock: Clock
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
}

/** Telegram, by polling or webhook. Throws when a webhook is configured without a secret. */
export function createTelegram(needs: TelegramNeeds): TelegramChannel {
  const { config, log, clock, events } = needs
  const { webhookUrl: url, webhookSecret: secret } = config
  if (url !== undefined && !secret) throw new Error('A Telegram webhook needs TELEGRAM_WEBHOOK_SECRET.')
  const account = config.token.split(':')[0] ?? ''
  const api = createBotApi({
    token: config.token,
    root: config.apiRoot,
    timeoutMs: config.timeoutMs ?? 30_000,
  })
  const health = createHealth(events)
  const sender = createSender({
    api,
    rate: config.rate,
    clock,
    refused: (reason) => health.set('down', `Telegram refuses the token: ${reason}`),
  })
  const { blockedFor, block } = sender
  const previews = createPreviews({ api, clock, blockedFor, blocked: block })
  const typing = createTyping({ api, clock, blockedFor })
  const acknowledge = createAcknowledge({ api, log })
  const acknowledging = new Set<Promise<void>>()
  const acknowledgeSoon = (callbackId: string): void => {
    const done: Promise<void> = acknowledge(callbackId).finally(() => acknowledging.delete(done))
    acknowledging.add(done)
  }
  const identity = createIdentity(account, config.triggers, needs.menus)
  const { receive, receiveBody } = createReceive({
    addressing: identity.addressing,
    log,
    acknowledge: acknowledgeSoon,
  })
  const stopping = new AbortController()
  const { signal } = stopping
  let running: Promise<void> = Promise.resolve()

  async function run(accept: Accept): Promise<void> {
    health.set('starting', 'asking Telegram for the name of the bot')
    const username = await fetchUsername(api, health, signal)
    if (username === undefined) return
    identity.set(username)
    void syncMenus({ api, log }, needs.menus, signal)
    if (url !== undefined && secret)
      return keepRegistered({ api, log, health, clock }, { url, secret }, signal)
    const store = async (updates: Parameters<typeof receive>[0]) => {
      const { incoming, ignored } = receive(updates)
      if (ignored > 0) events.updatesIgnored({ channel: 'telegram', count: ignored })
      if (incoming.length > 0) await accept(incoming)
    }
    const waitSeconds = config.pollSeconds ?? 50
    await whileHolding({
      lease: needs.lease,
      name: `telegram:${account}`,
      signal,
      waiting: (failed) =>
        failed === undefined
          ? health.set('up', 'standing by: another process polls')
          : health.set('down', 'the lease for polling cannot be had from the store'),
      work: (held) => poll({ api, account, events, log, health, waitSeconds, accept: store }, held),
    })
  }

  return {
    name: 'telegram',
    account,
    capabilities: {
      delivery: 'push',
      idempotentSend: false,
      preview: true,
      typing: true,
      quietWindowMs: config.quietWindowMs,
    },
    webhook:
      secret && url !== undefined
        ? { secretMatches: createSecretCheck(secret), receive: receiveBody }
        : undefined,
    split: splitReply,
    async send(message) {
      await previews.finish(message.conversationId)
      return sender.send(message)
    },
    preview: previews.show,
    typing,
    accepted({ extra }) {
      if (extra?.['callbackId'] !== undefined) acknowledgeSoon(extra['callbackId'])
    },
    async start(accept) {
      running = run(accept).catch((err: unknown) => {
        events.faulted({ area: 'telegram', err })
        health.set('down', 'the channel stopped on an unexpected fault; restart Parley')
      })
    },
    async stop() {
      stopping.abort()
      previews.stop()
      await running
      await Promise.all(acknowledging)
      await api.close()
    },
    status: health.get,
  }
}

/** What the bot is called and listens to; its name is known once Telegram told it. */
function createIdentity(
  id: string,
  words: readonly string[],
  menus: readonly Menu[],
): { set(name: string): void; addressing: Addressing } {
  const triggers = triggerPattern(words)
  const commands = new Set(menus.flatMap((menu) => menu.commands.map(({ command }) => command)))
  let username: string | undefined
  return {
    set(name: string) {
      username = name
    },
    addressing: {
      id,
      triggers,
      commands,
      get username() {
        if (username === undefined) throw new Error('The name of the bot is not known yet.')
        return username
      },
    },
  }
}

/** Parts of at most 4096 characters; the buttons are under the last. */
function splitReply({ text, buttons }: Reply): Reply[] {
  const parts: Reply[] = splitMarkdown(text, longestText).map((part) => ({ text: part }))
  const last = parts.at(-1)
  if (!buttons || buttons.length === 0) return parts
  if (!last) return [{ text: '⬇️', buttons }]
  return [...parts.slice(0, -1), { ...last, buttons }]
}
