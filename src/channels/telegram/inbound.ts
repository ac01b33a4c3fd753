import type { Update } from '@grammyjs/types'
import type { Clock } from '../../model/time.ts'
import type { Events } from '../../ops/events.ts'
import type { Log } from '../../ops/log.ts'
import type { Accept, ChannelStatus } from '../channel.ts'
import type { BotApi } from './api.ts'
import { sleep } from './backoff.ts'
import type { Health } from './health.ts'
import type { Identity } from './identity.ts'
import { type Lease, whileHolding } from './lease.ts'
import { type Menu, registerMenus } from './menu.ts'
import { createPolledLook, polledLookMs } from './polled.ts'
import { poll } from './poller.ts'
import type { Received } from './receive.ts'
import { keepRegistered } from './registered.ts'
import type { WebhookTarget } from './registration.ts'

/** What of receiving is this process's part: all of it, the calls of a webhook that another keeps, or nothing. */
export type Receives = 'updates' | 'calls' | 'nothing'

export interface InboundNeeds {
  receives: Receives
  api: BotApi
  account: string
  identity: Identity
  menus(): readonly Menu[]
  /** `undefined`: poll. */
  webhook: WebhookTarget | undefined
  pollSeconds: number
  lease: Lease
  receive(updates: Update[]): Received
  health: Health
  events: Pick<Events, 'channelConflict' | 'updatesIgnored' | 'faulted'>
  log: Log
  clock: Clock
  /** For how long something lasts, whatever is done to the clock. */
  steady: Clock
}

export interface Inbound {
  start(accept: Accept): void
  /** Resolves when nothing is received any more. */
  stop(): Promise<void>
  /** Registers the menus of this moment, in the background; the matter of whoever receives updates. */
  syncMenus(): void
}

/** Receiving, to be started and stopped once. A fault nobody foresaw ends it and is told. */
export function createInbound(needs: InboundNeeds): Inbound {
  const { events, health } = needs
  const stopping = new AbortController()
  const { signal } = stopping
  let running: Promise<void> = Promise.resolve()
  let syncing: Promise<void> = Promise.resolve()
  const faulted = (err: unknown): void => events.faulted({ area: 'telegram', err })
  const broken = (err: unknown): void => {
    faulted(err)
    health.set('down', 'the channel stopped on an unexpected fault; restart Parley')
  }
  /** One after the other: the newest menus are the last to be registered. */
  const syncMenus = (): void => {
    if (needs.receives !== 'updates') return
    syncing = syncing.then(() => registerMenus(needs, needs.menus(), signal)).catch(faulted)
  }
  return {
    syncMenus,
    start(accept) {
      running = receiveUpdates({ ...needs, syncMenus }, accept, signal).catch(broken)
    },
    stop() {
      stopping.abort()
      return running
    },
  }
}

/** How often a process that only sends or is called asks whether Telegram knows the bot, in milliseconds. */
const lookMs = 300_000

/**
 * Receives until `signal` aborts: looks after the webhook, or polls while this process holds the lease. A process that is
 * to receive less only makes sure that Telegram knows the bot, whose name it needs to understand webhook calls.
 */
async function receiveUpdates(
  needs: InboundNeeds & Pick<Inbound, 'syncMenus'>,
  accept: Accept,
  signal: AbortSignal,
): Promise<void> {
  const { api, identity, health, webhook } = needs
  health.set('starting', 'asking Telegram for the name of the bot')
  if (!(await identity.learn(api, health, signal))) return
  if (needs.receives !== 'updates') return stayKnown(needs, signal)
  needs.syncMenus()
  if (webhook) return keepRegistered(needs, webhook, signal)
  return whileHolding({
    lease: needs.lease,
    name: leaseOf(needs),
    signal,
    waiting: (failed) =>
      failed === undefined
        ? health.set('up', 'standing by: another process polls')
        : health.set('down', 'the lease for polling cannot be had from the store'),
    work: (held, isHeld) =>
      poll(
        {
          ...needs,
          waitSeconds: needs.pollSeconds,
          accept: (updates) => store(needs, updates, accept),
          isHeld,
        },
        held,
      ),
  })
}

async function stayKnown(needs: InboundNeeds, signal: AbortSignal): Promise<void> {
  const { api, identity, health, receives, webhook } = needs
  const look = createPolledLook({ ...needs, name: leaseOf(needs) })
  do {
    if (webhook) {
      health.set('up', receives === 'calls' ? 'receiving webhook calls' : 'another process receives')
      await sleep(lookMs, signal)
    } else await watchPolling(health, look, signal)
  } while (!signal.aborted && (await identity.learn(api, health, signal)))
}

/** Tells what changes: what a reply that was refused has told of the token stands meanwhile. */
async function watchPolling(
  health: Health,
  look: ReturnType<typeof createPolledLook>,
  signal: AbortSignal,
): Promise<void> {
  const end = performance.now() + lookMs
  let told: ChannelStatus | undefined
  while (!signal.aborted && performance.now() < end) {
    const seen = await look()
    if (seen !== told) health.set(seen.state, seen.detail, seen.fault)
    told = seen
    await sleep(polledLookMs, signal)
  }
}

const leaseOf = ({ account }: InboundNeeds): string => `telegram:${account}`

async function store({ receive, events }: InboundNeeds, updates: Update[], accept: Accept): Promise<void> {
  const { incoming, ignored } = receive(updates)
  if (ignored > 0) events.updatesIgnored({ channel: 'telegram', count: ignored })
  if (incoming.length > 0) await accept(incoming)
}
