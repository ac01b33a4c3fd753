import type { Answers, SourcedAnswer, Turn } from '../../src/answers/answers.ts'
import type { Capabilities, Channel, Outgoing, SendResult } from '../../src/channels/channel.ts'
import type { Coordination } from '../../src/coordination/coordination.ts'
import { createMemoryCoordination } from '../../src/coordination/memory/coordination.ts'
import { newId } from '../../src/model/ids.ts'
import type { MessageLimits } from '../../src/model/limits.ts'
import type { Incoming } from '../../src/model/message.ts'
import { createMoments } from '../../src/model/moment.ts'
import { type Clock, systemClock } from '../../src/model/time.ts'
import { createEvents } from '../../src/ops/events.ts'
import { noFaults } from '../../src/ops/faults.ts'
import { silentLog } from '../../src/ops/log.ts'
import { createMetrics } from '../../src/ops/metrics.ts'
import { createPipeline, type Pipeline } from '../../src/pipeline/pipeline.ts'
import type { Store } from '../../src/store/store.ts'

/** A platform in memory: what was sent to each chat, in order, and how it answers. */
export interface Platform {
  channel: Channel
  /** Texts delivered, by chat. */
  inbox(chat: string): string[]
  sends: Outgoing[]
  /** Decides what a send meets; delivered when it returns `ok` or nothing. */
  onSend(
    react: (message: Outgoing, nth: number) => SendResult | undefined | Promise<SendResult | undefined>,
  ): void
}

export function createPlatform(name: string, more: Partial<Capabilities> = {}): Platform {
  const delivered = new Map<string, string[]>()
  const sends: Outgoing[] = []
  let react: Parameters<Platform['onSend']>[0] = () => undefined
  const capabilities: Capabilities = {
    delivery: 'push',
    idempotentSend: false,
    preview: true,
    typing: true,
    quietWindowMs: 0,
    ...more,
  }
  const channel: Channel = {
    name,
    account: 'bot',
    capabilities,
    split: (reply) => reply.text.split('|').map((text) => ({ ...reply, text })),
    async send(message) {
      sends.push(message)
      const result = (await react(message, sends.length)) ?? { ok: true, platformId: String(sends.length) }
      if (result.ok) delivered.set(message.chatId, [...(delivered.get(message.chatId) ?? []), message.text])
      return result
    },
    status: () => ({ state: 'up', detail: '' }),
  }
  return {
    channel,
    sends,
    inbox: (chat) => delivered.get(chat) ?? [],
    onSend(next) {
      react = next
    },
  }
}

export const answer = (text: string, more: Partial<SourcedAnswer> = {}): SourcedAnswer => ({
  source: 'test',
  replies: [{ text }],
  confidence: 1,
  trace: {},
  ...more,
})

export interface TestPipeline {
  pipeline: Pipeline
  coordination: Coordination
  stop(): Promise<void>
}

const noLimits: MessageLimits = { perHour: 1e9, perDay: 1e9, banAfter: 1e9, banMs: 60_000, spam: false }

/** A pipeline as one process would run it. */
export function startPipeline(options: {
  store: Store
  platforms: Pick<Platform, 'channel'>[]
  answers: (turn: Turn) => Promise<SourcedAnswer>
  leaseMs?: number
  sweepMs?: number
  maxTurnTries?: number
  uncertain?: 'resend' | 'hold'
  maxTries?: number
  concurrency?: number
  limits?: MessageLimits
  clock?: Clock
  steady?: Clock
}): TestPipeline {
  const coordination = createMemoryCoordination()
  const answers: Answers = { answer: options.answers, apology: () => answer('sorry', { source: 'apology' }) }
  const pipeline = createPipeline({
    ...coordination,
    store: options.store,
    channels: new Map(options.platforms.map(({ channel }) => [channel.name, channel])),
    answers,
    events: createEvents({ log: silentLog, metrics: createMetrics({ process: false }) }),
    admission: { admit: (_, store) => store() },
    faults: noFaults,
    settle: async (tx, charges) => {
      if (charges.length > 0) await tx.budget.settle(charges, { microUsd: 1e9, warnAtMicroUsd: 1e9 })
      return () => undefined
    },
    clock: options.clock ?? systemClock,
    ...(options.steady && { steady: options.steady }),
    holder: newId(),
    languages: () => ['en', 'ru'],
    roleOf: () => 'contact',
    limits: () => options.limits ?? noLimits,
    moments: createMoments('UTC'),
    isImmune: () => false,
    concurrency: options.concurrency ?? 64,
    leaseMs: options.leaseMs ?? 5000,
    sweepMs: options.sweepMs ?? 50,
    maxTurnTries: options.maxTurnTries ?? 3,
    maxTries: options.maxTries ?? 3,
    uncertain: options.uncertain ?? 'resend',
  })
  pipeline.start()
  return {
    pipeline,
    coordination,
    async stop() {
      await coordination.close()
      await pipeline.stop()
    },
  }
}

let updates = 0

export function incoming(
  channel: string,
  chat: string,
  text: string,
  more: Partial<Incoming> = {},
): Incoming {
  updates += 1
  return {
    channel,
    account: 'bot',
    updateId: String(updates),
    chat: { id: chat, thread: '', kind: 'private' },
    sender: { id: chat, name: chat, language: undefined },
    kind: 'text',
    text,
    platformId: String(updates),
    ...more,
  }
}
